"""Compaction and vacuum: the same rows in fewer files, and nothing that somebody reads goes away."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.unit.lake.pages import make

from tunelake.errors import ConfigError
from tunelake.lake.lake import Lake
from tunelake.lake.maintenance import decide
from tunelake.lake.maintenance.decide import MANY, is_scattered, needed
from tunelake.lake.maintenance.delta_upkeep import retire
from tunelake.lake.maintenance.run import upkeep
from tunelake.lake.tables.delta_tables import DeltaTables

MB = 1 << 20
NOW = timedelta()


def _fill(lake: Lake, rounds: int, first: int = 0) -> None:
    for number in range(first, first + rounds):
        rows = [{"artist_id": f"a{i}", "name": f"Name {i} of {number}"} for i in range(5)]
        lake.landing.append(make(number, {"artists": rows}))
        lake.land()


def _parquet(lake: Lake, table: str) -> list[Path]:
    return sorted(Path(lake.home.tables.uri, table).glob("*.parquet"))


def _told(lake: Lake) -> list[tuple[object, ...]]:
    rows = lake.sql("select * from artists_history order by all").read_all().to_pylist()
    return [tuple(row.values()) for row in rows]


def test_what_files_need_depends_on_how_much_is_in_small_ones() -> None:
    assert needed([]) == "nothing"
    assert needed([MB]) == "nothing"
    assert needed([MB, MB]) == "sort"
    assert needed([128 * MB, 128 * MB, MB]) == "nothing"
    assert needed([128 * MB, 128 * MB, MB, MB]) == "compact"
    assert not is_scattered([MB] * MANY)
    assert is_scattered([MB] * (MANY + 1))
    assert not is_scattered([32 * MB] * (MANY + 1))


def test_many_files_become_one_sorted_file_with_the_same_rows(lake: Lake) -> None:
    _fill(lake, 4)
    before = _told(lake)
    (found,) = upkeep(lake.home, ["artists"], keep=NOW)
    assert (found.need, found.files, found.removed) == ("sort", (4, 1), 4)
    assert found.bytes[1] < found.bytes[0]
    (file,) = _parquet(lake, "artists")
    keys = pq.read_table(file, columns=["_key"]).column("_key").to_pylist()
    assert keys == sorted(keys)
    assert _told(lake) == before
    assert lake.landing.end() == DeltaTables(lake.home.tables).position("artists")
    (again,) = upkeep(lake.home, ["artists"], keep=NOW)
    assert (again.need, again.removed) == ("nothing", 0)


def test_a_compacted_file_keeps_statistics_of_key_and_time_alone(lake: Lake) -> None:
    _fill(lake, 3)
    upkeep(lake.home, ["artists"], keep=NOW)
    (file,) = _parquet(lake, "artists")
    group = pq.ParquetFile(file).metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    assert {one.path_in_schema for one in columns if one.statistics} == {"_key", "observed_at"}
    log = sorted(Path(lake.home.tables.uri, "artists", "_delta_log").glob("*.json"))
    text = "\n".join(path.read_text() for path in log)
    assert "Name 1 of" not in text
    adds = [json.loads(line)["add"] for line in text.splitlines() if '"add"' in line]
    assert {key for add in adds for key in json.loads(add["stats"])["minValues"]} == {"_key", "observed_at"}


def test_old_files_stay_for_readers_without_a_lease(lake: Lake) -> None:
    _fill(lake, 2)
    (found,) = upkeep(lake.home, ["artists"])
    assert found.removed == 0
    assert len(_parquet(lake, "artists")) == 3


def test_old_files_stay_while_a_lease_is_held(lake: Lake) -> None:
    _fill(lake, 2)
    connection = lake.connect()
    upkeep(lake.home, ["artists"])
    place = lake.home.tables / "artists"
    assert retire(lake.home, place, NOW, alone=True, wait_seconds=0) == 0
    assert connection.sql("select count(*) from artists_history").fetchall() == [(10,)]
    del connection
    assert retire(lake.home, place, NOW, alone=True, wait_seconds=0) == 2
    assert len(_told(lake)) == 10


def test_what_a_dead_writer_left_goes_when_nobody_writes(lake: Lake) -> None:
    _fill(lake, 1)
    place = lake.home.tables / "artists"
    lost = Path(place.uri, "part-00000-lost.parquet")
    lost.write_bytes(b"of nobody")
    assert retire(lake.home, place, NOW, alone=False) == 0
    assert retire(lake.home, place, NOW, alone=True) == 1
    assert not lost.exists()
    assert len(_told(lake)) == 5


def test_a_check_changes_nothing(lake: Lake) -> None:
    _fill(lake, 2)
    files = _parquet(lake, "artists")
    (found,) = upkeep(lake.home, ["artists"], keep=NOW, check=True)
    assert found.need == "sort"
    assert _parquet(lake, "artists") == files


def test_a_table_nobody_knows_is_told(lake: Lake) -> None:
    with pytest.raises(ConfigError, match="there is no table 'artist'"):
        upkeep(lake.home, ["artist"])


def test_a_landing_puts_many_small_files_together(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "MANY", 3)
    _fill(lake, 3)
    tables = DeltaTables(lake.home.tables)
    assert len(tables.files("artists")) == 3
    _fill(lake, 1, first=3)
    assert len(tables.files("artists")) == 1
    assert len(_told(lake)) == 20
