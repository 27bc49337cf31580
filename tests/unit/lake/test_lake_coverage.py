"""Scan coverage: what is seen again costs next to nothing, and is known to have been seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.lake.pages import at, make, read

from tunelake.lake.erasure import duckdb_coverage, duckdb_rows
from tunelake.lake.history.coverage import Scan, rows
from tunelake.lake.lake import Lake
from tunelake.lake.subjects.pages import Pages
from tunelake.lake.subjects.subject import Subject
from tunelake.lake.tables.duckdb_tables import open_memory

DAY = 86_400.0
MONTH = timedelta(days=30)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home", reader=read, expire={"all": MONTH})


def _tell(lake: Lake, day: float, artists: int = 1, **columns: object) -> None:
    told = [{"artist_id": f"a{n}", "name": "Name"} | columns for n in range(artists)]
    lake.landing.append(make(day * DAY, {"artists": told}))
    lake.land()


def _seen(lake: Lake, as_of: datetime | None = None) -> list[tuple[object, ...]]:
    told = lake.sql("from artists_seen order by artist_id", as_of).read_all().to_pylist()
    return [(row["first_seen"], row["last_seen"], row["expires_at"]) for row in told]


def _size(lake: Lake) -> int:
    return sum(one.size for one in lake.home.at("coverage").files() if one.name.endswith(".parquet"))


def test_a_row_is_seen_first_when_it_is_told_and_last_when_it_is_seen_again(lake: Lake) -> None:
    _tell(lake, 0)
    assert _seen(lake) == [(at(0), at(0), at(0) + MONTH)]
    _tell(lake, 10)
    _tell(lake, 20)
    assert lake.history("artists").num_rows == 1
    assert _seen(lake) == [(at(0), at(20 * DAY), at(20 * DAY) + MONTH)]
    assert _seen(lake, at(15 * DAY)) == [(at(0), at(10 * DAY), at(10 * DAY) + MONTH)]


def test_news_is_a_row_and_no_coverage(lake: Lake) -> None:
    _tell(lake, 0, name="Old")
    _tell(lake, 1, name="New")
    assert _size(lake) == 0
    assert _seen(lake) == [(at(0), at(DAY), at(DAY) + MONTH)]


def test_what_may_stay_has_no_end_when_it_is_seen_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "other", reader=read)
    _tell(lake, 0)
    _tell(lake, 1)
    assert _seen(lake) == [(at(0), at(DAY), None)]


def test_sets_are_seen_again_too(lake: Lake) -> None:
    genres = [{"artist_id": "a", "genre": genre, "position": n} for n, genre in enumerate("xyz")]
    for day in range(3):
        lake.landing.append(make(day * DAY, {"artist_genres": genres}))
        lake.land()
    ((seen,),) = lake.connect(seen=True).sql("select last_seen from artist_genres_seen").fetchall()
    assert seen == at(2 * DAY)


def test_what_was_erased_and_told_again_is_seen_again(lake: Lake) -> None:
    _tell(lake, 0, artists=2)
    _tell(lake, 1, artists=2)
    source = make(0, {}).source
    subject = Subject(kind="source", asked=source, source=source)
    with open_memory(lake.home) as connection:
        duckdb_rows.prepare(connection, subject, Pages())
        gone = duckdb_rows.counted(connection, lake.home.tables, subject)
        duckdb_coverage.erase(connection, lake.home, subject, gone)
        duckdb_rows.erase(connection, lake.home.tables, subject, gone, 0)
    assert _seen(lake) == []
    _tell(lake, 2, artists=2)
    _tell(lake, 3, artists=2)
    assert _seen(lake) == [(at(2 * DAY), at(3 * DAY), at(3 * DAY) + MONTH)] * 2


def test_ten_thousand_that_are_seen_again_cost_a_few_kilobytes(lake: Lake) -> None:
    pages = [[{"artist_id": f"{page}-{n}", "name": "Name"} for n in range(50)] for page in range(200)]

    def scan(day: int) -> int:
        before = _size(lake)
        for number, told in enumerate(pages):
            lake.landing.append(make(day * DAY + number, {"artists": told}))
        report = lake.land()
        assert day == 0 or report.unchanged == {"artists": 10_000}
        return _size(lake) - before

    assert scan(0) == 0
    # The first time the sets are written as well.
    assert scan(1) < 90_000
    assert scan(2) < 4_500


def test_equal_sets_are_written_once() -> None:
    one = Scan(number=7, keys=(1, 2), absent=0, seen_at=at(0), keep=None)
    told = rows({"artists": [one, one]}, known=()).to_pylist()
    assert [(row["sets"], row["new_sets"], row["new_keys"]) for row in told] == [([7, 7], [7], [[1, 2]])]
    assert rows({"artists": [one]}, known=[7]).to_pylist()[0]["new_keys"] == []
