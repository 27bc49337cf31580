"""The SQL engine of one machine: DuckDB over the lake's tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tunelake.errors import Fatal
from tunelake.mart.ports import Memory

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class DuckdbEngine:
    """An `Engine` on an open DuckDB connection that sees the current tables.

    What is built lives in temporary tables, which hide kept marts of the same name from this
    connection alone.

    Args:
        connection: Sees the tables by their plain names; owned, and closed, by the caller.
        write: Keeps a mart, whole, for example `Lake.write_mart`.
        memory: What marts were made of; without it every run does everything.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        write: Callable[[str, pa.Table], None],
        memory: Memory | None = None,
    ) -> None:
        self._connection = connection
        self._write = write
        self.memory = memory

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

    def kept(self, name: str) -> str:
        """Name a mart as it was kept by the run before, also where one built now hides it."""
        ((database,),) = self._connection.execute("select current_database()").fetchall()
        return f'"{database}"."main"."{name}"'

    def content(self, name: str) -> str:
        """Hash the rows of a mart, whatever their order."""
        hashed = f'select count(*), bit_xor(hash(t)), sum(hash(t) % 1000003) from "{name}" as t'  # noqa: S608  (our own names)
        return "-".join(str(part) for part in self._connection.execute(hashed).fetchall()[0])

    def merge(self, name: str, part: str) -> int:
        """Put new rows of the affected artists in the place of their old ones; see `Rebuilder`."""
        old = f"select * from {self.kept(name)} anti join affected using (entity_id)"  # noqa: S608  (our own names)
        return self.build(name, f'{old} union all by name select * from "{part}"')  # noqa: S608

    def save(self, name: str, table: pa.Table) -> None:
        """Keep a mart; see `Engine`."""
        self._write(name, table)
        self._connection.register("_arrow", table)
        try:
            self.build(name, "select * from _arrow")
        finally:
            self._connection.unregister("_arrow")

    def keep(self, name: str) -> None:
        """Keep a mart that was built here."""
        self._write(name, self.table(name))

    def keep_part(self, name: str, part: str) -> None:  # noqa: ARG002  (a mart is kept whole)
        """Keep a mart that was merged; see `Rebuilder`."""
        self.keep(name)


def _first_line(sql: str) -> str:
    return sql.strip().partition("\n")[0][:120]
