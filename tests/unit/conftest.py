"""A little lake in memory, for the stages that read tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tunelake.lake.contracts.contract import ddl, load
from tunelake.mart.duckdb_engine import DuckdbEngine

_DEFAULTS = {"source": "sandbox", "rights": "all", "observed_at": "2026-01-01 00:00:00+00", "page_id": "p1"}

Rows = dict[str, list[dict[str, Any]]]


class LittleLake:
    """Tables in memory, an engine over them, and the marts that were kept."""

    def __init__(self, rows: Rows) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        self.marts: dict[str, pa.Table] = {}
        for table, contract in load().items():
            columns = ", ".join(f'"{name}" {kind}' for name, kind in ddl(contract).items())
            self.connection.execute(f"create table {table} ({columns})")
            self.connection.execute(f"create view {table}_history as from {table}")
        self.add(rows)
        self.engine = DuckdbEngine(self.connection, self.marts.__setitem__)

    def add(self, rows: Rows) -> None:
        for table, items in rows.items():
            for item in items:
                row = _DEFAULTS | item
                marks = ", ".join("?" for _ in row)
                sql = f"insert into {table} ({', '.join(row)}) values ({marks})"  # noqa: S608
                self.connection.execute(sql, list(row.values()))

    def mart(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        wanted = ", ".join(columns) or "*"
        return self.connection.sql(f"select {wanted} from {name} order by all").fetchall()  # noqa: S608


@pytest.fixture
def make_lake() -> Iterator[Callable[[Rows], LittleLake]]:
    made: list[LittleLake] = []

    def make(rows: Rows) -> LittleLake:
        made.append(LittleLake(rows))
        return made[-1]

    yield make
    for lake in made:
        lake.connection.close()
