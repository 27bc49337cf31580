"""Pulls one table: what is new since the last time, or all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tunelake.errors import ConfigError
from tunelake.lake.history.latest import literal, name, names
from tunelake.lake.home import Home
from tunelake.lake.locks.exclusive import exclusive
from tunelake.lake.pull.let_in import let_in
from tunelake.lake.pull.sqlalchemy_source import Source, connected, find, rows
from tunelake.lake.subjects.suppressed import Suppressed
from tunelake.lake.tables.delta_own import notes, write
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.lake.tables.duckdb_tables import open_memory
from tunelake.lake.tables.own import PULLED_AT, Note, checked

if TYPE_CHECKING:
    import duckdb


class PullReport(msgspec.Struct, kw_only=True):
    """What a pull did.

    Attributes:
        table: Name of the table in the lake.
        origin: The table it comes from.
        read: Rows that the database gave.
        new: Rows that were added; the others were there.
        dropped: Rows that were left out, for they tell of what was erased here and may not come back.
        since: From which value of the growing column on; None: all.
    """

    table: str
    origin: str
    read: int = 0
    new: int = 0
    dropped: int = 0
    since: str | None = None


def pull(
    home: Home,
    address: str,
    origin: str,
    *,
    into: str,
    now: datetime,
    by: str | None = None,
    again: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> PullReport:
    """Pull a table of a database into the lake.

    Args:
        home: The home.
        address: URL of the database; its password is never told.
        origin: The table or view there.
        into: Name of the table here.
        now: The present (aware).
        by: A column that grows with every change, a time or a number; None replaces the table.
        again: Read all and replace the table, though it grows.
        progress: Is told the number of rows read.

    Raises:
        ConfigError: The database, the table or a column is not there, or a value does not fit.
        Retryable: The connection was lost; nothing was written.
        Fatal: The table cannot be written; it is as it was.
    """
    report = PullReport(table=checked(into), origin=origin)
    with exclusive(home, "own"), connected(address) as connection, open_memory(home) as memory:
        source = find(connection, origin)
        note = _note(source, origin, by)
        known = notes(home.own).get(into)
        if known and known.origin != origin:
            raise ConfigError(f"table '{into}' comes from '{known.origin}'; say --as NAME")
        grows = known and by and known.by == by and not again
        files = DeltaTables(home.own).files(into) if grows else []
        since = _tail(memory, files, by)
        report.since = None if since is None else str(since)
        told = _let_in(rows(connection, source, by, since), Suppressed(home), report, progress)
        found = _fresh(memory, told, report, by, since)
        schema = source.schema.append(pa.field(PULLED_AT, pa.timestamp("us", tz="UTC")))
        stamped = (_stamp(batch, schema, now) for batch in found)
        first = next(stamped, None)
        if first is not None or not files:
            write(home.own, into, note, schema, _all(first, stamped))
    return report


def _note(source: Source, origin: str, by: str | None) -> Note:
    there = source.schema.names
    if by is not None and by not in there:
        raise ConfigError(f"'{origin}' has no column '{by}'; it has {', '.join(there)}")
    if PULLED_AT in there:
        raise ConfigError(f"'{origin}' has a column {PULLED_AT}, which is ours: pull a view without it")
    return Note(origin=origin, key=source.key, by=by)


def _tail(memory: duckdb.DuckDBPyConnection, files: list[str], by: str | None) -> Any:  # noqa: ANN401
    """Return the greatest value that is known, and keep the rows that have it as the relation `tail`."""
    if not files or by is None:
        return None
    listed = ", ".join(map(literal, files))
    log = f"read_parquet([{listed}], union_by_name = true)"
    greatest = memory.sql(f"SELECT max({name(by)}) AS it FROM {log}").to_arrow_table()  # noqa: S608
    tail = (
        f"SELECT * EXCLUDE ({name(PULLED_AT)}) FROM {log} "  # noqa: S608  (quoted names)
        f"WHERE {name(by)} = (SELECT max({name(by)}) FROM {log})"
    )
    memory.register("tail", memory.sql(tail).to_arrow_table())
    return greatest.column("it")[0].as_py()


def _let_in(
    batches: Iterator[pa.RecordBatch],
    suppressed: Suppressed,
    report: PullReport,
    progress: Callable[[int], None],
) -> Iterator[pa.RecordBatch]:
    """Leave out the rows that tell of what was erased."""
    for batch in batches:
        left = let_in(batch, suppressed)
        report.read += batch.num_rows
        report.dropped += batch.num_rows - left.num_rows
        progress(report.read)
        yield left


def _fresh(
    memory: duckdb.DuckDBPyConnection,
    batches: Iterator[pa.RecordBatch],
    report: PullReport,
    by: str | None,
    since: Any,  # noqa: ANN401  (of the type of the column)
) -> Iterator[pa.RecordBatch]:
    """Leave out the rows that were pulled before: those with the greatest known value come again."""
    again: list[pa.RecordBatch] = []
    for batch in batches:
        if by is None or since is None:
            yield from _counted(batch, report)
            continue
        here = pc.equal(batch.column(by), pa.scalar(since, batch.schema.field(by).type))
        again.append(batch.filter(here))
        yield from _counted(batch.filter(pc.invert(here)), report)
    if again:
        for batch in _not_in_tail(memory, pa.Table.from_batches(again)).to_batches():
            yield from _counted(batch, report)


def _not_in_tail(memory: duckdb.DuckDBPyConnection, again: pa.Table) -> pa.Table:
    known = memory.table("tail").columns
    if not set(again.schema.names) <= set(known):
        return again  # a new column: every row says something new
    memory.register("again", again)
    columns = names(again.schema.names)
    query = f"SELECT {columns} FROM again EXCEPT ALL SELECT {columns} FROM tail"  # noqa: S608  (quoted names)
    return memory.sql(query).to_arrow_table().cast(again.schema)


def _counted(batch: pa.RecordBatch, report: PullReport) -> Iterator[pa.RecordBatch]:
    report.new += batch.num_rows
    if batch.num_rows:
        yield batch


def _stamp(batch: pa.RecordBatch, schema: pa.Schema, now: datetime) -> pa.RecordBatch:
    moments = pa.repeat(pa.scalar(now, schema.field(PULLED_AT).type), batch.num_rows)
    return pa.RecordBatch.from_arrays([*batch.columns, moments], schema=schema)


def _all(first: pa.RecordBatch | None, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    if first is not None:
        yield first
        yield from rest
