"""Users, sources, and ids so short that they stand everywhere: in homes of a few uploaded rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.journey.erasure.searched import found

import tunelake
from tunelake.bootstrap import purging
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.domain.pages import Page
from tunelake.errors import ConfigError, Fatal
from tunelake.govern.purge import pending
from tunelake.govern.purge.pending import Pending
from tunelake.govern.purge.proof import Proof
from tunelake.lake.landing.segments import name_of

PLAYS = """[
{"ts": "2026-01-01T10:00:00Z", "ms_played": 1000, "spotify_track_uri": "spotify:track:1111111111111111111111",
 "master_metadata_track_name": "Song of ann", "master_metadata_album_artist_name": "Somebody",
 "username": "%s"}]"""


@pytest.fixture
def product(tmp_path: Path) -> Tunelake:
    return tunelake.open(tmp_path / "home")


def _upload(product: Tunelake, kind: str, text: str, source: str | None = None) -> None:
    path = product.lake.home.root.parent / "rows.csv"
    path.write_text(text, encoding="utf-8")
    product.upload(path, kind, source=source)
    product.land()


def _rows(product: Tunelake, query: str) -> list[Any]:
    return [next(iter(row.values())) for row in product.sql(query).to_pylist()]


def _purge(product: Tunelake, **whom: str) -> Proof:
    return purging.purge(product, purging.subject_of(product, **whom), lambda *_: None)


def test_a_short_id_counts_only_where_ids_of_artists_stand(product: Tunelake) -> None:
    _upload(product, "artists", "artist_id,artist,popularity\n7,Seven Sisters,7\n8,7,70\n9,Nine,7\n", "one")
    _upload(product, "artists", "artist_id,artist\n7,Another Seven\n", "two")
    _purge(product, artist="7")
    # An id of one source is nobody's in another, but both were asked for by it.
    assert _rows(product, "select name from artists order by all") == ["7", "Nine"]
    assert found(product.lake.home.root, "Seven Sisters", "Another Seven") == []


def test_a_short_id_is_no_parameter_of_others(product: Tunelake) -> None:
    _upload(product, "artists", "artist_id,artist\n50,Fifty Sisters\n8,Eight\n", "one")
    asked = next(iter(product.lake.landing.pages())).page
    params = (("offset", "50"),)
    other = msgspec.structs.replace(asked, page_id="1" * 32, source="spotify", path="/more", params=params)
    product.lake.landing.append(msgspec.structs.replace(other, endpoint="other", body=b"{}"))
    _purge(product, artist="50")
    assert params in [stored.page.params for stored in product.lake.landing.pages()]


def test_what_quarantine_quotes_goes(product: Tunelake) -> None:
    told = "first-artist-of-one,Uno,first-artist-of-one\nfirst-artist-of-one,Uno,of Uno\nnext,Due,none\n"
    _upload(product, "artists", f"artist_id,artist,popularity\nfirst-artist-of-one,Uno,1\n{told}", "one")
    assert len(_rows(product, "select reason from quarantine")) == 3
    assert _purge(product, artist="first-artist-of-one").left == 0
    (left,) = _rows(product, "select reason from quarantine")
    assert "none" in left


def test_an_artist_without_an_id_goes_by_name(product: Tunelake) -> None:
    _upload(product, "artists", "artist\nSeven Sisters\nNine\n")
    (made,) = _rows(product, "select artist_id from artists where name = 'Seven Sisters'")
    _purge(product, artist=made)
    assert found(product.lake.home.root, "Seven Sisters", made) == []
    _upload(product, "artists", "artist\nSeven Sisters\nTen\n")
    assert _rows(product, "select name from artists order by all") == ["Nine", "Ten"]
    assert found(product.lake.home.root, "Seven Sisters", made) == []


def test_a_source_goes_and_others_stay(product: Tunelake) -> None:
    _upload(product, "artists", "artist_id,artist\nfirst-artist-of-one,Uno\n", "one")
    _upload(product, "artists", "artist_id,artist\nfirst-artist-of-two,Due\n", "two")
    asked = next(iter(product.lake.landing.pages())).page
    path, asks = "/artists/first-artist-of-one", (("q", "Uno"),)
    product.lake.landing.append(msgspec.structs.replace(asked, page_id="p" * 32, path=path, params=asks))
    assert _purge(product, source="one").left == 0
    assert _rows(product, "select name from artists") == ["Due"]
    assert found(product.lake.home.root, "first-artist-of-one", "Uno") == []


def test_a_user_goes_and_others_stay(product: Tunelake, tmp_path: Path) -> None:
    from tunelake.work.listens import upload_listens

    for user in ("ann-of-somewhere", "bob-of-somewhere"):
        path = tmp_path / f"Streaming_History_Audio_{user}.json"
        path.write_text((PLAYS % user).replace("of ann", f"of {user}"), encoding="utf-8")
        upload_listens(product.lake, path, product.clock)
    product.land()
    assert len(_rows(product, "select user_id from listens")) == 2
    assert _purge(product, user="ann-of-somewhere").left == 0
    assert _rows(product, "select user_id from listens") == ["bob-of-somewhere"]
    assert found(product.lake.home.root, "ann-of-somewhere") == []


@pytest.mark.parametrize("user", ["ann-of-somewhere", "ann"])
def test_the_playlists_of_a_user_stay_without_their_owner(product: Tunelake, user: str) -> None:
    owner = {"id": user, "type": "user", "display_name": "Ann of somewhere", "uri": f"spotify:user:{user}"}
    told = {"id": "p" * 22, "name": "Mine", "type": "playlist", "owner": owner, "snapshot_id": "s"}
    path = f"/playlists/{told['id']}"
    page = Page(
        page_id="1" * 32, source="spotify", rights="spotify", endpoint="playlist", path=path, params=(),
        status=200, fetched_at=product.clock.now(), headers={}, body=msgspec.json.encode(told),
    )  # fmt: skip
    product.lake.landing.append(page)
    product.land()
    assert _rows(product, "select owner_id from playlists") == [user]
    assert _purge(product, user=user).left == 0
    assert product.sql("select name, owner_id, owner_name from playlists").to_pylist() == [
        {"name": "Mine", "owner_id": None, "owner_name": None}
    ]
    assert found(product.lake.home.root, "Ann of somewhere", f'"{user}"') == []
    assert product.lake.replay(check=True).differing == []


def test_what_is_left_is_no_success(product: Tunelake) -> None:
    _upload(product, "artists", "artist_id,artist\nfirst-artist-of-one,Uno\n", "one")
    note = product.lake.home.root / "notes.txt"
    note.write_text("remember first-artist-of-one", encoding="utf-8")
    with pytest.raises(Fatal, match=r"notes\.txt"):
        _purge(product, artist="first-artist-of-one")
    note.unlink()
    assert purging.pending(product)
    aside = product.lake.home.root / "control.db.20260101T000000"
    aside.write_bytes(b"SQLite format 3\0 of first-artist-of-one" * 100)
    proof = purging.purge(product, None, lambda *_: None)
    assert not aside.exists()
    assert purging.verify(product, proof.id)[1].total == 0
    path = product.lake.home.root / "erasure" / "proofs" / f"{proof.id}.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"left": 0', '"left": 1'), encoding="utf-8")
    with pytest.raises(ConfigError, match="signature"):
        purging.verify(product, proof.id)


def test_answers_that_expire_while_a_purge_waits_do_not_stop_it(product: Tunelake) -> None:
    _upload(product, "artists", "artist_id,artist\nfirst-artist-of-one,Uno\n", "one")
    subject = purging.subject_of(product, artist="first-artist-of-one")
    gone = (name_of(1 << 40), 0, 100)
    pending.write(product.lake.home, Pending(subject=subject, began_at=product.clock.now(), places=[gone]))
    assert purging.purge(product, None, lambda *_: None).left == 0


def test_nobody_is_told_as_such(product: Tunelake) -> None:
    with pytest.raises(ConfigError, match="no artist here has the id"):
        purging.subject_of(product, artist="nobody")
