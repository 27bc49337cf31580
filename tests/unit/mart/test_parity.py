"""What counts as the same on two engines, and models in other dialects."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunelake.mart.parity import compare
from tunelake.mart.spark_engine import read_files
from tunelake.mart.translate import over, translated

ONE: list[dict[str, Any]] = [
    {"id": 1, "share": 0.1 + 0.2, "names": ["x"]},
    {"id": 2, "share": None, "names": []},
]


def differences(other: list[dict[str, Any]]) -> tuple[str, ...]:
    return compare("m", ["id"], pa.Table.from_pylist(ONE), pa.Table.from_pylist(other)).differences


def test_the_order_of_rows_the_width_of_numbers_and_a_last_bit_are_free() -> None:
    other = pa.Table.from_pylist([ONE[1], ONE[0] | {"share": 0.3}])
    narrow = other.set_column(0, "id", other.column("id").cast(pa.int32()))
    found = compare("m", ["id"], pa.Table.from_pylist(ONE), narrow)
    assert found.differences == ()
    assert 0 < found.furthest < 1e-15


@pytest.mark.parametrize(("other", "said"), [
    ([ONE[0]], "1 rows only here: id=2"),
    ([*ONE, {"id": 3, "share": 0.0, "names": []}], "1 rows only there: id=3"),
    ([ONE[0] | {"share": 0.3001}, ONE[1]], "share: 1 rows, 0.30000000000000004 against 0.3001 in id=1"),
    ([ONE[0], ONE[1] | {"share": 0.0}], "share: 1 rows, None against 0.0 in id=2"),
    ([ONE[0] | {"names": ["y"]}, ONE[1]], "names: 1 rows, ['x'] against ['y'] in id=1"),
    ([*ONE, ONE[1]], "2 rows against 3"),
    ([{"id": 1}], "columns id, share, names against id"),
])  # fmt: skip
def test_a_difference_is_told_with_the_row(other: list[dict[str, Any]], said: str) -> None:
    assert differences(other) == (said,)


def test_times_that_spark_writes_without_a_zone_are_utc(tmp_path: Path) -> None:
    rows = pa.Table.from_pylist([{"at": datetime(2026, 1, 28, 23, 30, tzinfo=UTC)}])
    path = str(tmp_path / "old.parquet")
    pq.write_table(rows, path, use_deprecated_int96_timestamps=True)
    assert pq.read_table(path).schema.field("at").type == pa.timestamp("ns")
    assert read_files([path]).to_pylist() == rows.to_pylist()


def test_sorted_lists_stay_sorted_on_spark() -> None:
    told = translated("select array_agg(v order by k) filter (where k < 3) as l from t group by g", "spark")
    assert "ARRAY_SORT(COLLECT_LIST(STRUCT(k AS k0, v AS v)) FILTER(WHERE k < 3))" in told
    assert "LISTAGG" not in translated("select string_agg(distinct v, '+' order by v) as l from t", "spark")


def test_only_tables_are_put_in_place_of_tables() -> None:
    sql = "with a as (select a.x, b.y from b join t as a on true) select x from a join b on true"
    assert over(sql, {"a": "scope_a", "b": "scope_b"}) == (
        "WITH a AS (SELECT a.x, b.y FROM scope_b AS b JOIN t AS a ON TRUE) "
        "SELECT x FROM a JOIN scope_b AS b ON TRUE"
    )
