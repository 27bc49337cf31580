"""SQL over the lake by DuckDB: a view for the current state of each table, its history, and the marts."""

from __future__ import annotations

import difflib
import re
import weakref
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from tunelake.errors import ConfigError, Fatal
from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.history import coverage, latest, snapshot
from tunelake.lake.history.delta_coverage import DeltaCoverage
from tunelake.lake.history.snapshot_delta import PART as BASES
from tunelake.lake.history.snapshot_delta import base_of, pending_of
from tunelake.lake.home import Home
from tunelake.lake.locks.leases import Lease
from tunelake.lake.places.delta_handle import REPAIR
from tunelake.lake.tables.delta_own import notes
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.lake.tables.only_reads import explained, only_reads
from tunelake.lake.tables.own import current

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_SETTINGS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # A query sees the lake, not the variables of the program that runs it.
    "python_enable_replacements": False,
}
# Words of queries about tables whose names they do not say.
_ASKS_FOR_NAMES = (
    "show",
    "describe",
    "summarize",
    "pragma",
    "tables",
    "_schema",
    "duckdb_",
    "pg_",
    "sqlite_",
)


def connect(home: Home, *, seen: bool = False) -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory with the views of a home as it is now.

    Each table has a view of its name (the current state), `<name>_history` (all observations) and each
    mart and each pulled table one of its name. Tables nobody has landed yet are empty. The files that the
    views read stay for as long as somebody has the connection.

    Args:
        home: The home.
        seen: Also make `<name>_seen` of each table: when each key was seen first and last.
    """
    connection = _open_leased(home)
    attach(connection, home, seen=seen)
    return connection


def _open_leased(home: Home) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with a lease that ends when nobody has the connection any more."""
    connection = open_memory(home)
    weakref.finalize(connection, Lease(home).end)
    return connection


def open_memory(home: Home) -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory without views; it spills into the home and speaks UTC."""
    import duckdb

    connection = duckdb.connect(config={**_SETTINGS, "temp_directory": str(home.spill)})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def attach(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    as_of: datetime | None = None,
    *,
    seen: bool = False,
    query: str | None = None,
) -> list[str]:
    """Make or renew the views of a home; return the files they read.

    Args:
        connection: Where the views are made.
        home: The lake.
        as_of: Show only what had been observed at that time; marts and pulled tables are left out, for they
            tell of now.
        seen: Make `<name>_seen` of each table, too.
        query: Make only the views whose names are in this text; None: all of them.
    """
    text = None if query is None else query.lower()

    def named(names: Iterable[str]) -> list[str]:
        return [name for name in names if text is None or name.lower() in text]

    tables, marts = DeltaTables(home.tables), DeltaTables(home.marts)
    tables.pin(load())
    tables.check(load())
    based = set() if as_of else set(home.at(BASES).tables())
    used = DeltaCoverage(home).files() if seen else []
    covered = f"({coverage.log(used)})"
    for name in named(load()):
        contract, files = load()[name], tables.files(name)
        used += files
        log = f"({latest.log(contract, files)})"
        if as_of is not None:
            log = f"({latest.until(log, as_of)})"
        base = _of_base(home, contract, tables.version(name), log) if name in based else None
        used += [] if base is None else base[0]
        _view(connection, name, latest.current(contract, log) if base is None else base[1])
        _view(connection, f"{name}_history", latest.history(contract, log))
        if seen:
            again = coverage.confirmations(name, covered, as_of)
            _view(connection, f"{name}_seen", coverage.seen(contract, log, again))
    if as_of is not None:
        return used
    own = DeltaTables(home.own)
    found = notes(home.own)
    for name in named(found):
        files, log = _whole(connection, own, name)
        used += files
        _view(connection, name, current(found[name], log))
        _view(connection, f"{name}_history", log)
    marts.pin(kept := named(marts.names()))
    for name in kept:
        files, log = _whole(connection, marts, name)
        used += files
        _view(connection, name, log)
    return used


def _of_base(home: Home, contract: Contract, version: int, log: str) -> tuple[list[str], str] | None:
    """Return files and query of the current state by its kept base, where there is one of this log."""
    base = base_of(home, contract)
    pending = None if base is None else pending_of(home, contract, base, version)
    if base is None or pending is None:
        return None
    added = f"({latest.log(contract, pending)})" if pending else None
    return [*base.files, *pending], snapshot.current(contract, base, added, log)


def _whole(connection: duckdb.DuckDBPyConnection, tables: DeltaTables, name: str) -> tuple[list[str], str]:
    """Return the files of a table that no contract describes, and the query of its rows."""
    files = tables.files(name)
    return files, _read(files) if files else _nothing(connection, tables.schema(name))


def _read(files: list[str]) -> str:
    listed = ", ".join(map(latest.literal, files))
    return f"SELECT * FROM read_parquet([{listed}], union_by_name = true)"  # noqa: S608  (our own files)


def _nothing(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> str:
    """Write the query of a mart without rows: it has no file, but it has columns."""
    empty = connection.from_arrow(schema.empty_table())
    columns = [
        f"NULL::{kind} AS {latest.name(name)}" for name, kind in zip(empty.columns, empty.types, strict=True)
    ]
    return f"SELECT {', '.join(columns)} WHERE false"


def _view(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    connection.execute(f"CREATE OR REPLACE VIEW {latest.name(name)} AS {query}")


def ask(home: Home, query: str, as_of: datetime | None = None) -> pa.RecordBatchReader:
    """Answer one query of a person: it reads the tables and nothing else, and changes nothing.

    Args:
        home: The lake.
        query: One SELECT.
        as_of: Answer from what had been observed at that time, marts left out.

    Raises:
        ConfigError: The query is not one SELECT, names what is not there, or fails; the message says what.
            The reader raises it too, where that shows only then.
        Fatal: A file of a table is damaged.
    """
    text = query.lower()
    if any(word in text for word in _ASKS_FOR_NAMES):
        return _answer(home, query, as_of, None)
    try:
        return _answer(home, query, as_of, text)
    except ConfigError:
        # With all views what is wrong is told best, and a name that is written in another way is found.
        return _answer(home, query, as_of, None)


def _answer(home: Home, query: str, as_of: datetime | None, text: str | None) -> pa.RecordBatchReader:
    import duckdb
    import pyarrow as pa

    connection = _open_leased(home)
    try:
        # Each view costs time to make, and these are seldom asked for.
        files = attach(connection, home, as_of, seen="_seen" in query.lower(), query=text)
    except duckdb.Error as error:
        raise Fatal(f"a table cannot be read: {str(error).splitlines()[0]}{REPAIR}") from error
    connection.execute("SET allowed_paths = $files", {"files": files})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    try:
        _only_select(connection, query)
        answer = connection.sql(query).to_arrow_reader()
    except duckdb.Error as error:
        raise ConfigError(_explain(connection, error)) from error
    return pa.RecordBatchReader.from_batches(answer.schema, _batches(answer, connection))


def _batches(
    answer: pa.RecordBatchReader,
    connection: duckdb.DuckDBPyConnection,  # noqa: ARG001  (it has the lease)
) -> Iterator[pa.RecordBatch]:
    """Read an answer; what goes wrong only then is the query's fault as well."""
    import duckdb
    import pyarrow as pa

    try:
        yield from answer
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise ConfigError(f"the query cannot be answered: {error}") from error


def _only_select(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    import duckdb

    statements = connection.extract_statements(query)
    allowed = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
    if len(statements) == 1 and statements[0].type in allowed:
        read = {"query": explained(statements[0].query)}
        ((parsed,),) = connection.execute("SELECT json_serialize_sql($query)", read).fetchall()
        if only_reads(parsed):
            return
    raise ConfigError("give one SELECT: SQL here reads and never changes anything")


def _explain(connection: duckdb.DuckDBPyConnection, error: Exception) -> str:
    """Say what is wrong with a query, with the tables whose names are near."""
    text = str(error)
    missing = re.search(r"Table with name (\S+) does not exist", text)
    if missing is None:
        return f"the query cannot be answered: {text}"
    found = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    views = sorted(row[0] for row in found)
    near = difflib.get_close_matches(missing[1].strip("!\"'"), views, n=3) or views
    return f"there is no table '{missing[1].strip(chr(33))}'; there is {', '.join(near)}"


def find_page(tables: DeltaTables, page_id: str) -> tuple[str, int, int] | None:
    """Return where a page is in the landing log: segment, offset and length; None when unknown."""
    import duckdb

    log = latest.log(load()["raw_pages"], tables.files("raw_pages"))
    query = f'SELECT segment, "offset", length FROM ({log})'  # noqa: S608  (our own SQL)
    with duckdb.connect() as connection:
        found = connection.execute(f"{query} WHERE page_id = $id LIMIT 1", {"id": page_id}).fetchone()
    return None if found is None else (str(found[0]), int(found[1]), int(found[2]))
