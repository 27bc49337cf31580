"""Finds the tables that cannot be read, by reading every file of every one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import load
from tunelake.lake.history.latest import literal
from tunelake.lake.home import Home
from tunelake.lake.places.delta_handle import REPAIR
from tunelake.lake.places.place import Place
from tunelake.lake.rows.batch import RAW_PAGES
from tunelake.lake.tables.delta_tables import DeltaTables

if TYPE_CHECKING:
    import duckdb

LOGS = "tables"
COVERAGE = "coverage"
_PARTS = (LOGS, "marts", "own", "snapshots")
LACKS = "lacks rows that were landed"


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """A table that is not whole.

    Attributes:
        part: Which part of the lake it is of: "tables", "marts", "own", "snapshots" or "coverage".
        table: Its name.
        why: What is wrong, in words.
        readable: Files with rows of it that can be read, as this machine reads them.
        log: True when the table's log is damaged, so that nothing can be added to it.
    """

    part: str
    table: str
    why: str
    readable: tuple[str, ...]
    log: bool


def find(connection: duckdb.DuckDBPyConnection, home: Home) -> list[Damage]:
    """Read every table of a home; return those that are not whole.

    Args:
        connection: DuckDB in memory.
        home: The lake; nobody may write to it meanwhile.
    """
    return [*_below(connection, home), *_one(connection, home.at(COVERAGE), COVERAGE, COVERAGE)]


def _below(connection: duckdb.DuckDBPyConnection, home: Home) -> Iterator[Damage]:
    for part in _PARTS:
        root = home.at(part)
        names = set(root.tables()) | (set(load()) if part == LOGS else set())
        whole: set[str] = set()
        for name in sorted(names):
            found = list(_one(connection, root / name, part, name))
            yield from found
            if not found:
                whole.add(name)
        if part == LOGS:
            yield from _lacking(connection, root, whole)


def _one(connection: duckdb.DuckDBPyConnection, place: Place, part: str, name: str) -> Iterator[Damage]:
    """Look at one table."""
    try:
        table = place.delta()
    except Fatal as error:
        readable = _readable(connection, place, _lying(place))
        yield Damage(
            part=part,
            table=name,
            why=str(error).removesuffix(REPAIR),
            readable=tuple(readable.values()),
            log=True,
        )
        return
    files = [] if table is None else table.file_uris()
    readable = _readable(connection, place, files)
    if gone := sorted(set(files) - set(readable)):
        why = f"cannot be read: {', '.join(file.rpartition('/')[2] for file in gone)}"
        yield Damage(part=part, table=name, why=why, readable=tuple(readable.values()), log=False)


def _lacking(connection: duckdb.DuckDBPyConnection, root: Place, whole: set[str]) -> Iterator[Damage]:
    """Look for tables that read well and yet are not all that was landed."""
    if RAW_PAGES not in whole:
        return
    for name in DeltaTables(root).lacking(sorted(whole)):
        readable = _readable(connection, root / name, _lying(root / name))
        yield Damage(part=LOGS, table=name, why=LACKS, readable=tuple(readable.values()), log=True)


def _lying(place: Place) -> list[str]:
    """List all files with rows that lie there, of whatever version of the table."""
    names = (kept.name for kept in place.files())
    return [
        f"{place.uri}/{quote(name)}"
        for name in names
        if name.endswith(".parquet") and not name.startswith("_delta_log/")
    ]


def _readable(connection: duckdb.DuckDBPyConnection, place: Place, files: Iterable[str]) -> dict[str, str]:
    """Return those files that can be read to the end, by address, as this machine reads them."""
    import duckdb

    found: dict[str, str] = {}
    for file in files:
        try:
            (path,) = place.local([file])
            every = f"SELECT hash(COLUMNS(*)) FROM read_parquet({literal(path)})"  # noqa: S608  (our own files)
            connection.execute(f"FROM ({every}) AS every WHERE hash(every) IS NULL").fetchall()
        except (duckdb.Error, Fatal):
            continue
        found[file] = path
    return found
