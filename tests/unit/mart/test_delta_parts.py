"""A mart in parts: a change writes only the parts it touches, and nobody's change is lost."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunelake.errors import Retryable
from tunelake.lake.places.folder_place import FolderPlace
from tunelake.mart.cutting import cuts_for
from tunelake.mart.delta_parts import DeltaParts
from tunelake.mart.model import columns_read


def rows(*told: tuple[str, int, int]) -> pa.Table:
    return pa.table(
        {
            "entity_id": [entity_id for entity_id, _, _ in told],
            "n": [number for _, number, _ in told],
            "_part": [part for _, _, part in told],
        }
    )


@pytest.fixture
def parts(tmp_path: Path) -> DeltaParts:
    made = DeltaParts(FolderPlace(tmp_path))
    made.replace("m", rows(("a1", 1, 0), ("a2", 2, 0), ("af", 3, 1)), 1)
    return made


def held(parts: DeltaParts) -> dict[int, list[tuple[str, int]]]:
    cut = parts.parts("m")
    assert cut is not None
    return {
        number: [
            (row["entity_id"], row["n"]) for file in files for row in pq.ParquetFile(file).read().to_pylist()
        ]
        for number, files in sorted(cut.files.items())
    }


def test_only_the_parts_of_a_change_are_written(parts: DeltaParts) -> None:
    before = parts.parts("m")
    parts.change("m", {1}, rows(("ae", 4, 1), ("af", 5, 1)), 0)
    after = parts.parts("m")
    assert held(parts) == {0: [("a1", 1), ("a2", 2)], 1: [("ae", 4), ("af", 5)]}
    assert before is not None
    assert after is not None
    assert before.files[0] == after.files[0]
    assert before.files[1] != after.files[1]


def test_a_part_without_rows_has_no_file(parts: DeltaParts) -> None:
    parts.change("m", {0, 1}, rows(("af", 3, 1)), 0)
    assert held(parts) == {1: [("af", 3)]}


def test_a_change_of_what_somebody_else_changed_is_refused(parts: DeltaParts) -> None:
    parts.change("m", {1}, rows(("af", 9, 1)), 0)
    with pytest.raises(Retryable, match="another process changed mart 'm' meanwhile"):
        parts.change("m", {0}, rows(("a1", 7, 0)), 0)
    assert held(parts) == {0: [("a1", 1), ("a2", 2)], 1: [("af", 9)]}


def test_a_mart_of_other_columns_takes_the_place(parts: DeltaParts) -> None:
    parts.replace("m", pa.table({"entity_id": ["a1"], "name": ["x"], "_part": [0]}), 0)
    cut = parts.parts("m")
    assert cut is not None
    assert [pq.ParquetFile(file).schema_arrow.names for file in cut.files[0]] == [["entity_id", "name"]]
    assert (parts.parts("none"), cut.cuts) == (None, 0)


def test_a_part_has_a_few_thousand_rows() -> None:
    assert [cuts_for(rows) for rows in (0, 4_999, 5_000, 250_000, 2_500_000, 10**9)] == [0, 0, 1, 6, 9, 10]


def test_of_a_table_only_the_columns_that_are_named_are_read() -> None:
    sql = "with a as (select name, rights from artists where popularity > 1) select * from a"
    assert columns_read("m", sql, "artists") == {"name", "rights", "popularity"}
    assert columns_read("m", sql, "tracks") == set()
    assert {"url", "followers"} < columns_read("m", "select a.* from artists as a", "artists")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a.Name FROM Artists AS a",
        "select url from artists join tracks using (name)",
        "select rights from artists_history order by name",
        "select columns('n.*') from artists",
        "select source from artists natural join tracks",
    ],
)
def test_a_column_is_read_however_it_is_named(sql: str) -> None:
    assert "name" in columns_read("m", sql, "artists")
