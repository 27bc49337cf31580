"""The SQL engine of one machine: DuckDB over the lake's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from tunelake.errors import Fatal
from tunelake.lake.history.latest import literal
from tunelake.mart import cutting
from tunelake.mart.cutting import cuts_for, part_of
from tunelake.mart.ports import Cut, Memory

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
        self._made: dict[str, str] = {}

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
        return self._make("table", name, sql)

    def view(self, name: str, sql: str) -> None:
        """Let later SELECTs read a query by a name; see `Rebuilder`."""
        self._make("view", name, sql)

    def _make(self, kind: str, name: str, sql: str) -> int:
        """Create a temporary table or view; the rows of the table, 0 for a view."""
        import duckdb

        if self._made.get(name, kind) != kind:
            self.drop(name)
        try:
            told = self._connection.execute(f'create or replace temp {kind} "{name}" as {sql}').fetchall()
        except duckdb.Error as error:
            raise Fatal(f"DuckDB could not build {name}: {error}") from error
        self._made[name] = kind
        return int(told[0][0]) if told else 0

    def drop(self, name: str) -> None:
        """Let go of what was built under a name; see `Rebuilder`."""
        self._connection.execute(f'drop {self._made.pop(name)} temp."{name}"')

    def kept(self, name: str) -> str:
        """Name a mart as it was kept by the run before, also where one built now hides it."""
        ((database,),) = self._connection.execute("select current_database()").fetchall()
        return f'"{database}"."main"."{name}"'

    def kept_near(self, name: str, keys: str) -> str:
        """Name the parts of a kept mart that have some entities; see `Rebuilder`."""
        cut = None if self.memory is None else self.memory.kept.parts(name)
        if cut is None:
            return self.kept(name)
        return self._parts(name, cut, self._numbers(cut.cuts, keys))

    def _numbers(self, cuts: int, *relations: str) -> list[int]:
        number = part_of("entity_id", cuts)
        each = (f"select distinct {number} from {relation}" for relation in relations)  # noqa: S608  (our own names)
        found = self._connection.execute(" union ".join(each)).fetchall()
        return sorted(number for (number,) in found)

    def _parts(self, name: str, cut: Cut, numbers: Iterable[int]) -> str:
        files = [file for number in numbers for file in cut.files.get(number, ())]
        if not files:
            return f"(select * from {self.kept(name)} where false)"  # noqa: S608  (our own names)
        return f"read_parquet([{', '.join(map(literal, files))}])"

    def content(self, name: str) -> str:
        """Hash the rows of a mart, whatever their order."""
        hashed = f'select count(*), bit_xor(hash(t)), sum(hash(t) % 1000003) from "{name}" as t'  # noqa: S608  (our own names)
        return "-".join(str(part) for part in self._connection.execute(hashed).fetchall()[0])

    def save(self, name: str, table: pa.Table) -> None:
        """Keep a mart; see `Engine`."""
        self._write(name, table)
        self._connection.register("_arrow", table)
        try:
            self.build(name, "select * from _arrow")
        finally:
            self._connection.unregister("_arrow")

    def keep(self, name: str, *, in_parts: bool) -> None:
        """Keep a mart that was built here; see `Rebuilder`."""
        if not in_parts or self.memory is None:
            self._write(name, self.table(name))
            return
        cuts = cuts_for(int(self._connection.table(f'"{name}"').count("*").fetchall()[0][0]))
        self.memory.kept.replace(name, self.select(cutting.in_parts(f'"{name}"', cuts)), cuts)

    def keep_part(self, name: str, grain: Sequence[str], gone: str, fresh: str, version: int) -> None:
        """Keep what changed of a mart; see `Rebuilder`."""
        cut = None if self.memory is None else self.memory.kept.parts(name)
        if cut is None or self.memory is None:
            self.keep(name, in_parts="entity_id" in self.select(f"from {fresh} limit 0").column_names)
            return
        numbers = self._numbers(cut.cuts, gone, fresh)
        staying = (
            f"select * from {self._parts(name, cut, numbers)} anti join {gone} using ({', '.join(grain)})"  # noqa: S608
        )
        rows = self.select(cutting.in_parts(f"({staying} union all by name from {fresh})", cut.cuts))
        self.memory.kept.change(name, numbers, rows, version)


def _first_line(sql: str) -> str:
    return sql.strip().partition("\n")[0][:120]
