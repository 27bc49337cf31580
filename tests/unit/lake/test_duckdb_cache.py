from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from tests.unit.lake.pages import make

from tunelake.lake.contracts.contract import load
from tunelake.lake.history.latest import log
from tunelake.lake.lake import Lake
from tunelake.lake.maintenance.run import upkeep
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.lake.tables.duckdb_cache import DuckdbCache


@pytest.fixture
def cache(lake: Lake) -> Iterator[DuckdbCache]:
    cache = lake.cache()
    yield cache
    cache.close()


def _tell(lake: Lake, seconds: float, *names: str) -> None:
    rows = [{"artist_id": name.lower(), "name": name} for name in names]
    lake.landing.append(make(seconds, {"artists": rows}))
    lake.land()


def _names(cache: DuckdbCache) -> list[str]:
    cache.refresh("artists")
    return sorted(row[0] for row in cache.connection.sql("SELECT name FROM artists").fetchall())


def test_a_table_nobody_has_landed_is_empty_until_somebody_does(lake: Lake, cache: DuckdbCache) -> None:
    assert _names(cache) == []
    assert cache.version("artists") == -1
    _tell(lake, 0, "A")
    assert _names(cache) == ["A"]


def test_it_tells_which_version_of_the_log_it_stands_for(lake: Lake, cache: DuckdbCache) -> None:
    _tell(lake, 0, "A")
    cache.refresh("artists")
    first = cache.version("artists")
    _tell(lake, 1, "B")
    assert cache.version("artists") == first
    assert _names(cache) == ["A", "B"]
    assert cache.version("artists") == first + 1


def test_what_was_told_late_does_not_win(lake: Lake, cache: DuckdbCache) -> None:
    lake.landing.append(make(5, {"artists": [{"artist_id": "a", "name": "New"}]}))
    lake.land()
    assert _names(cache) == ["New"]
    lake.landing.append(make(1, {"artists": [{"artist_id": "a", "name": "Old", "country": "KR"}]}))
    lake.land()
    cache.refresh("artists")
    assert cache.connection.sql("SELECT name, country FROM artists").fetchall() == [("New", "KR")]


def test_a_log_that_was_rewritten_is_read_anew(lake: Lake, cache: DuckdbCache) -> None:
    _tell(lake, 0, "A", "B")
    assert _names(cache) == ["A", "B"]
    contract, tables = load()["artists"], DeltaTables(lake.home.tables)
    with duckdb.connect() as connection:
        logged = connection.sql(log(contract, tables.files("artists")))
        tables.rewrite(contract, logged.filter("artist_id <> 'a'").order("_key"))
    assert _names(cache) == ["B"]


def test_compaction_is_not_read_again(
    lake: Lake, cache: DuckdbCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tell(lake, 0, "A")
    assert _names(cache) == ["A"]
    _tell(lake, 1, "B")
    upkeep(lake.home, ["artists"])
    _tell(lake, 2, "C")

    def anew(*_: object) -> None:
        pytest.fail("the whole log was read again")

    monkeypatch.setattr(cache, "_make", anew)
    assert _names(cache) == ["A", "B", "C"]
