"""Files that appends added between two versions of a table."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from tunelake.lake.places.delta_added import added
from tunelake.lake.places.folder_place import FolderPlace


def numbers(files: list[str] | None) -> list[int]:
    assert files is not None
    return sorted(number for file in files for number in pq.read_table(file).column("n").to_pylist())


@pytest.fixture
def place(tmp_path: Path) -> FolderPlace:
    made = FolderPlace(tmp_path / "a table")
    for number in range(3):
        write_deltalake(made.path, pa.table({"n": [number]}), mode="append")
    return made


def test_only_what_was_added_between_the_two_versions_is_listed(place: FolderPlace) -> None:
    assert numbers(added(place, 0, 2)) == [1, 2]
    assert numbers(added(place, -1, 1)) == [0, 1]
    assert added(place, 2, 2) == []


def test_a_compaction_adds_nothing_and_takes_nothing_away(place: FolderPlace) -> None:
    DeltaTable(place.path).optimize.compact()
    write_deltalake(place.path, pa.table({"n": [9]}), mode="append")
    assert numbers(added(place, 1, 4)) == [2, 9]
    assert added(place, 2, 3) == []


def test_what_takes_rows_away_means_start_anew(place: FolderPlace) -> None:
    write_deltalake(place.path, pa.table({"n": [7]}), mode="overwrite")
    assert added(place, 1, 3) is None
    assert added(place, 3, 3) == []


def test_a_commit_or_a_file_that_is_gone_means_start_anew(place: FolderPlace) -> None:
    files = added(place, 1, 2)
    assert files is not None
    (place.path / "_delta_log" / f"{1:020}.json").unlink()
    assert added(place, 0, 2) is None
    Path(files[0]).unlink()
    assert added(place, 1, 2) is None
    assert added(place, 1, 9) is None
