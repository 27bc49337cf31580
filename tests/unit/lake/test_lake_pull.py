"""What a person's database may hold that no type promised."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunelake.errors import ConfigError
from tunelake.lake.lake import Lake
from tunelake.lake.pull.run import pull

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.db"
    with sqlite3.connect(path) as database:
        database.executescript("create table songs (id integer primary key, year integer, at datetime)")
    return path


def test_a_value_of_another_type_is_named(own: Path, lake: Lake) -> None:
    with sqlite3.connect(own) as database:
        database.execute("insert into songs values (1, 1999, null), (2, 'unknown', null)")
    with pytest.raises(ConfigError, match="column 'year' holds 'unknown', which is no int64"):
        pull(lake.home, f"sqlite:///{own}", "songs", into="songs", now=NOW)
    with pytest.raises(ConfigError, match="there is no table 'songs'"):
        lake.sql("from songs")


def test_times_without_fractions_are_compared_as_times(own: Path, lake: Lake) -> None:
    address = f"sqlite:///{own}"
    with sqlite3.connect(own) as database:
        database.execute("insert into songs values (1, 1999, '2026-01-01 10:00:00')")
    pull(lake.home, address, "songs", into="songs", now=NOW, by="at")
    with sqlite3.connect(own) as database:
        database.execute("insert into songs values (2, 2000, '2026-01-01 10:00:00.000000')")
        database.execute("insert into songs values (3, 2000, '2026-01-01 10:00:00')")
    assert pull(lake.home, address, "songs", into="songs", now=NOW, by="at").new == 2


def test_two_origins_do_not_mix(own: Path, lake: Lake) -> None:
    with sqlite3.connect(own) as database:
        database.execute("create view loud as select * from songs")
    pull(lake.home, f"sqlite:///{own}", "songs", into="songs", now=NOW)
    with pytest.raises(ConfigError, match="table 'songs' comes from 'songs'; say --as NAME"):
        pull(lake.home, f"sqlite:///{own}", "loud", into="songs", now=NOW)


@pytest.mark.parametrize("address", ["nonsense", "oracle://x/y", "postgresql://"])
def test_an_address_that_is_none_is_told(lake: Lake, address: str) -> None:
    with pytest.raises(ConfigError):
        pull(lake.home, address, "songs", into="songs", now=NOW)


def test_what_goes_wrong_late_leaves_the_table_as_it_was(own: Path, lake: Lake) -> None:
    address = f"sqlite:///{own}"
    with sqlite3.connect(own) as database:
        database.execute("insert into songs values (0, 1999, null)")
    pull(lake.home, address, "songs", into="songs", now=NOW)
    with sqlite3.connect(own) as database:
        rows = [(number, 2000 if number <= 10_000 else "late", None) for number in range(1, 10_002)]
        database.executemany("insert into songs values (?, ?, ?)", rows)
    with pytest.raises(ConfigError, match="column 'year' holds 'late'"):
        pull(lake.home, address, "songs", into="songs", now=NOW)
    assert lake.sql("from songs").read_all().num_rows == 1
