"""The SQL engine of one machine: DuckDB over the lake's tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tunelake.errors import Fatal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class DuckdbEngine:
    """An `Engine` on an open DuckDB connection that sees the current tables.

    What is built lives in temporary tables, which hide kept marts of the same name from this
    connection alone.

    Args:
        connection: Sees the tables by their plain names; owned, and closed, by the caller.
        write: Keeps a mart, whole, for example `Tables.write_mart`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, write: Callable[[str, pa.Table], None]) -> None:
        self._connection = connection
        self._write = write

    def select(self, sql: str) -> pa.Table:
        """Run a SELECT; see `Engine`."""
        import duckdb

        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise Fatal(f"DuckDB could not run `{_first_line(sql)}`: {error}") from error

    def table(self, name: str) -> pa.Table:
        """Read a table or mart whole; see `Engine`."""
        return self.select(f'from "{name}"')

    def has(self, name: str) -> bool:
        """Tell whether there is a table or mart of that name; see `Engine`."""
        found = "select 1 from information_schema.tables where table_name = ?"
        return bool(self._connection.execute(found, [name]).fetchall())

    def counts(self) -> dict[str, int]:
        """Count the rows of every table and mart, histories left out."""
        names = "select table_name from information_schema.tables order by table_name"
        found = [name for (name,) in self._connection.execute(names).fetchall()]
        return {
            name: int(self._connection.table(f'"{name}"').count("*").fetchall()[0][0])
            for name in found
            if not name.endswith("_history")
        }

    def build(self, name: str, sql: str) -> int:
        """Compute a model into a temporary table; see `Engine`."""
        import duckdb

        try:
            self._connection.execute(f'create or replace temp table "{name}" as {sql}')
        except duckdb.Error as error:
            raise Fatal(f"DuckDB could not build {name}: {error}") from error
        return int(self._connection.table(f'"{name}"').count("*").fetchall()[0][0])

    def save(self, name: str, table: pa.Table) -> None:
        """Keep a mart; see `Engine`."""
        self._write(name, table)
        self._connection.register("_arrow", table)
        try:
            self.build(name, "select * from _arrow")
        finally:
            self._connection.unregister("_arrow")


def _first_line(sql: str) -> str:
    return sql.strip().partition("\n")[0][:120]
