"""An artist goes from everywhere, and nobody else does."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import sandbox_process
from tests.journey.erasure.searched import found
from tests.journey.path.homes import Home

import tunelake
from tunelake.bootstrap import publishing, purging
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.errors import Retryable
from tunelake.govern.purge.proof import Proof
from tunelake.lake.lake import Lake

pytestmark = pytest.mark.slow

NAMES = ("Daft Punk", "BTS")
ALL = ("albums", "tracks", "top-tracks", "features", "related")
KILLS = int(os.environ.get("TUNELAKE_TEST_KILLS", "2"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with two artists, built; one more has the name of the first."""
    folder = tmp_path_factory.mktemp("erasure")
    with sandbox_process("--artists", "60") as ready:
        home = Home(folder / "home", ready)
        with pytest.MonkeyPatch.context() as patch:
            product = _opened(home, patch)
            product.collect_artists(names=NAMES, with_=ALL)
            others = folder / "others.csv"
            others.write_text("artist_id,artist\nnamesake-0001-of-the-other,Daft Punk\n", encoding="utf-8")
            product.upload(others, "artists")
            product.build()
        yield home


@pytest.fixture
def home(built: Home, tmp_path: Path) -> Home:
    shutil.copytree(built.path, tmp_path / "home")
    return Home(tmp_path / "home", built.ready)


@pytest.fixture
def product(home: Home, monkeypatch: pytest.MonkeyPatch) -> Tunelake:
    return _opened(home, monkeypatch)


def _opened(home: Home, patch: pytest.MonkeyPatch) -> Tunelake:
    for name, value in home.environ.items():
        patch.setenv(name, value)
    return tunelake.open()


def _rows(product: Tunelake, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in product.sql(query).to_pylist()]


def _id(product: Tunelake, name: str) -> str:
    query = f"select artist_id from artists where name = '{name}' and source = 'sandbox'"  # noqa: S608
    return str(_rows(product, query)[0][0])


def _all_of(product: Tunelake, artist: str) -> list[str]:
    """Ids that nobody else has a part in: the artist's, and of tracks credited to nobody else."""
    alone = f"""
    select track_id from track_artists group by track_id having bool_and(artist_id = '{artist}')
    union all select entity_id from identity where id = '{artist}'"""  # noqa: S608
    return [artist, *(str(one) for (one,) in _rows(product, alone))]


def _purge(product: Tunelake, artist: str, wait: float = 60) -> Proof:
    subject = purging.subject_of(product, artist=artist)
    return purging.purge(product, subject, lambda *_: None, wait)


def test_an_artist_goes_and_nobody_else_does(built: Home, home: Home, product: Tunelake) -> None:
    artist = _id(product, "Daft Punk")
    gone = _all_of(product, artist)
    credited = "select track_id, artist_id from track_artists order by all"
    made = _rows(product, credited)
    together = [row for row in made if row[1] != artist and (row[0], artist) in made]
    others = f"select * exclude (page_id) from artists where artist_id <> '{artist}' order by all"  # noqa: S608
    known = _rows(product, others)
    assert len(gone) > 2
    assert together
    assert found(home.path, *gone)

    before = home.contents()
    shown = purging.look(product, purging.subject_of(product, artist=artist))
    assert shown.counts["answers, as a whole"] > 0
    assert home.contents() == before

    proof = _purge(product, artist)
    assert proof.left == 0
    assert found(home.path, *gone) == []
    assert _rows(product, others) == known
    assert set(together) <= set(_rows(product, credited))
    assert product.lake.replay(check=True).differing == []
    assert publishing.check(product).agrees
    assert not set(product.stores.finder.find("daft punk")) & set(gone)
    assert purging.verify(product, proof.id)[1].total == 0

    # What is asked for again does not come back, and who is mentioned again does not.
    product.collect_artists(ids=[artist])
    whole = next(
        one.page for one in Lake(built.path).landing.pages()
        if artist.encode() in one.page.body and artist not in one.page.path
    )  # fmt: skip
    product.lake.landing.append(whole)
    assert product.land().dropped == 1
    assert found(home.path, *gone) == []
    (home.path / "notes.txt").write_text(f"remember {artist}", encoding="utf-8")
    assert purging.verify(product, proof.id)[1].places() == ["notes.txt"]

    assert purging.lift(product, artist, None)
    product.collect_artists(names=["Daft Punk"])
    product.land()
    assert _rows(product, f"select name from artists where artist_id = '{artist}'") == [("Daft Punk",)]  # noqa: S608


def test_a_purge_killed_at_any_moment_is_gone_on_with(home: Home, product: Tunelake) -> None:
    artist = _id(product, "Daft Punk")
    gone = _all_of(product, artist)
    pending = home.path / "erasure" / "pending.json"
    chance = random.Random(5)  # noqa: S311
    for _ in range(KILLS):
        process = home.start("purge", "--artist", artist, "--yes")
        while not pending.exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.random() * 2)
        process.kill()
        process.communicate()
    assert purging.pending(product)
    purging.purge(product, None, lambda *_: None)
    assert found(home.path, *gone) == []
    assert product.lake.replay(check=True).differing == []


def test_readers_go_on_until_they_are_done(home: Home, product: Tunelake) -> None:
    artist = _id(product, "Daft Punk")
    gone = _all_of(product, artist)
    connection = product.lake.connect()
    query = f"select count(*) from track_artists where artist_id = '{artist}'"  # noqa: S608
    before = connection.sql(query).fetchall()
    with pytest.raises(Retryable, match="1 reader"):
        _purge(product, artist, wait=0.1)
    assert connection.sql(query).fetchall() == before != [(0,)]
    del connection
    assert purging.purge(product, None, lambda *_: None).left == 0
    assert found(home.path, *gone) == []
