"""A source that changes its fields, over HTTP: each change is told by name, and what was known stays."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.cli.main import main
from tunelake.collect.drift import Field
from tunelake.domain.fields import Drift
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.ids import id_of
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.changes import parse_changes
from tunelake.sandbox.server.config import Ready, SandboxConfig
from tunelake.settings import Secret, Settings
from tunelake.sources.spotify.profiles import Profile

NAMES = ["BTS", "Radiohead", "Adele"]
VALUES = "select artist_id, name, popularity, followers from artists order by artist_id"


@cache
def world() -> Catalogue:
    return open_catalogue(artists=300, seed=7, directory=None)


def serving(*changes: str, port: int = 0, profile: Profile = "extended") -> AbstractContextManager[Ready]:
    return running(SandboxConfig(port=port, profile=profile, drift=parse_changes(changes)), world())


def opened(home: Path, ready: Ready) -> Tunelake:
    return Tunelake(
        Settings(
            home=home,
            spotify_api_url=ready.api_url,
            spotify_accounts_url=ready.accounts_url,
            spotify_client_id=ready.client_id,
            spotify_client_secret=Secret(ready.client_secret),
        )
    )


def told_of(lake: Tunelake) -> tuple[list[Drift], list[Field], set[tuple[str, str]], set[tuple[str, str]]]:
    client = lake.settings.spotify_client_id
    with lake.ledger() as ledger:
        capabilities = {(one.endpoint, one.verdict) for one in ledger.capabilities(client)}
        gates = {(one.endpoint, str(one.state)) for one in ledger.gates(client)}
        return ledger.drift(client), ledger.fields(client), capabilities, gates


def look_again(lake: Tunelake) -> list[Drift]:
    lake.refresh_artists(timedelta(0))
    return lake.land().drift


@pytest.mark.parametrize(
    ("change", "told", "new", "rejected"),
    [
        ("remove:artist.followers", ("removed", "followers", "last seen"), [], False),
        ("remove:artist.href", ("removed", "href", "last seen"), [], False),
        ("rename:artist.popularity=score", ("renamed", "popularity", "now likely 'score'"), ["score"], False),
        ("retype:artist.popularity", ("retyped", "popularity", "was number, is text"), [], True),
        ("retype:artist.followers", ("retyped", "followers", "was object, is text"), [], True),
        ("add:artist.mood", ("added", "mood", "text"), ["mood"], False),
    ],
)
def test_a_change_is_told_by_name_and_what_was_known_stays(
    tmp_path: Path, change: str, told: tuple[str, str, str], new: list[str], *, rejected: bool
) -> None:
    with serving() as ready:
        lake = opened(tmp_path / "home", ready)
        lake.collect_artists(names=NAMES)
        assert look_again(lake) == []
    known = lake.sql(VALUES).to_pylist()
    ids = {one["artist_id"] for one in known}
    assert all(one["popularity"] is not None and one["followers"] is not None for one in known)

    with serving(change, port=urlsplit(ready.api_url).port or 0) as again:
        assert again.api_url == ready.api_url
        (first,) = look_again(lake)
        assert look_again(lake) == [], "an answer that is unchanged has nothing to look at"
        lake.collect_artists(ids=[id_of("fact", "artist", name) for name in ("Robyn", "ABBA")])
        (second,) = lake.land().drift
    assert (first.kind, first.object, first.field, first.endpoint) == (told[0], "artist", told[1], "artists")
    assert told[2] in first.detail
    assert second.first_seen_at > first.first_seen_at

    # Nothing became null: an absent field says nothing, one of another type is in quarantine by name.
    assert [one for one in lake.sql(VALUES).to_pylist() if one["artist_id"] in ids] == known
    named = lake.sql('select distinct "where" from quarantine').to_pylist()
    assert named == ([{"where": f"$.artists[*].{told[1]}"}] if rejected else [])

    # The ledger keeps since when.
    with lake.ledger() as ledger:
        (kept,) = ledger.drift(lake.settings.spotify_client_id)
    assert (kept.kind, kept.field) == told[:2]
    assert (kept.first_seen_at, kept.last_seen_at) == (first.first_seen_at, second.last_seen_at)

    # A ledger that is made anew knows it again, from the answers that landed.
    remembered = told_of(lake)
    lake.rebuild_ledger()
    assert told_of(lake) == remembered

    with serving(port=urlsplit(ready.api_url).port or 0):
        # All is as it was; that what was new is gone is told, too.
        assert [(one.kind, one.field) for one in look_again(lake)] == [("removed", one) for one in new]


def test_the_command_tells_what_drifted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        assert ended.value.code == 0
        return " ".join(capsys.readouterr().out.split())

    with serving("remove:artist.followers", "add:artist.mood") as ready:
        monkeypatch.setenv("TUNELAKE_HOME", str(tmp_path / "home"))
        for name in ("api_url", "accounts_url", "client_id", "client_secret"):
            monkeypatch.setenv(f"TUNELAKE_SPOTIFY_{name.upper()}", getattr(ready, name))
        # Nothing was seen before: what is missed is what this kind of application is promised.
        doctor = run("doctor")
        collected = run("collect", "artists", "--name", "BTS")
    assert "fields this application is not given: artist of search: followers" in doctor
    assert "search allowed" in doctor
    assert "drift: artist.followers removed (search): promised to this kind of application" in collected
    assert "drift: artist.mood added (search): text; first seen" in collected
    shown = run("ledger", "--drift")
    assert "artist.followers removed (search): promised" in shown
    assert "artist.mood added (artists): text first seen" in shown


def test_what_development_mode_is_not_given_is_shown_and_no_drift(tmp_path: Path) -> None:
    with serving(profile="development") as ready:
        lake = opened(tmp_path / "home", ready)
        lake.probe()
        lake.collect_artists(names=NAMES, with_=["albums"])
        assert lake.land().drift == []
        known = lake.capabilities()
    assert known.profile == "development"
    verdicts = {one.endpoint: one.verdict for one in known.endpoints}
    assert (verdicts["search"], verdicts["artists"], verdicts["top_tracks"]) == (
        "allowed",
        "closed",
        "closed",
    )
    assert all(one.reason for one in known.endpoints if one.verdict == "closed")
    missed = {(one.place, one.field) for one in known.not_given if one.endpoint == "search"}
    assert {("artist", "popularity"), ("artist", "followers")} <= missed
