"""The kept current state: when it is made, what it is used for, and when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.lake.pages import make

from tunelake.lake.contracts.contract import load
from tunelake.lake.history import snapshot
from tunelake.lake.history.snapshot import Base, is_due
from tunelake.lake.history.snapshot_delta import base_of
from tunelake.lake.lake import Lake
from tunelake.lake.maintenance.duckdb_bases import keep_bases
from tunelake.lake.maintenance.run import upkeep

ARTISTS = load()["artists"]


@pytest.fixture(autouse=True)
def _small_tables_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "LEAST_ROWS", 10)


def _tell(lake: Lake, turn: int, count: int) -> None:
    rows = [{"artist_id": f"a{n}", "name": f"Name {turn}"} for n in range(count)]
    lake.landing.append(make(turn, {"artists": rows}))
    lake.land()


def _names(lake: Lake) -> dict[str, int]:
    told = lake.sql("select name, count(*) n from artists group by 1").read_all().to_pylist()
    return {row["name"]: row["n"] for row in told}


def test_it_is_made_anew_when_as_many_rows_were_added() -> None:
    base = Base(version=1, rows=1000, files=[], columns=())
    assert not is_due(9, None, None)
    assert is_due(1000, None, None)
    assert not is_due(1999, base, 999)
    assert is_due(2000, base, 1000)
    # It is of another log.
    assert is_due(1800, base, None)


def test_it_is_kept_in_ranges_of_the_key(lake: Lake) -> None:
    _tell(lake, 0, 200)
    (made,) = keep_bases(lake.home, 0)
    assert (made.rows, made.version, made.made, made.pending) == (200, 0, True, [])
    folders = sorted(path.name for path in Path(lake.home.at("snapshots").uri, "artists").glob("_shard=*"))
    assert folders == [f"_shard={number:02}" for number in range(16)]


def test_what_is_told_later_is_seen_with_it(lake: Lake) -> None:
    _tell(lake, 0, 200)
    keep_bases(lake.home, 0)
    _tell(lake, 1, 5)
    (told,) = keep_bases(lake.home, 0)
    assert (told.made, len(told.pending)) == (False, 1)
    assert _names(lake) == {"Name 0": 195, "Name 1": 5}
    upkeep(lake.home, ["artists"])
    assert _names(lake) == {"Name 0": 195, "Name 1": 5}


def test_the_cache_begins_with_it(lake: Lake) -> None:
    _tell(lake, 0, 200)
    keep_bases(lake.home, 0)
    base = base_of(lake.home, ARTISTS)
    assert base is not None
    for file in base.files:
        Path(file).rename(f"{file}.aside")
    _tell(lake, 1, 5)
    cache = lake.cache()
    # It would be read: without its files the log is.
    cache.refresh("artists")
    assert cache.connection.sql("select count(*) from artists").fetchall() == [(200,)]
    cache.close()


def test_one_of_a_log_that_was_rewritten_is_not_used(lake: Lake) -> None:
    _tell(lake, 0, 200)
    keep_bases(lake.home, 0)
    tables = lake._tables  # noqa: SLF001  (a rewriting, as an erasure does it)
    with lake.connect() as connection:
        log = connection.sql(f"from read_parquet({tables.files('artists')})")
        tables.rewrite(ARTISTS, log.filter("artist_id <> 'a0'").order("_key"))
    assert _names(lake) == {"Name 0": 199}
    (made,) = keep_bases(lake.home, 0)
    assert (made.made, made.rows) == (True, 199)
    assert _names(lake) == {"Name 0": 199}
