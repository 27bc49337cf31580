"""Writes the tables without what tells of somebody: by contract the lake's own, by its values any other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from tunelake.lake.contracts.contract import load
from tunelake.lake.erasure import any_rows, log_rows
from tunelake.lake.history import latest
from tunelake.lake.subjects.pages import Pages
from tunelake.lake.subjects.subject import Subject
from tunelake.lake.tables.delta_tables import DeltaTables

if TYPE_CHECKING:
    import duckdb

    from tunelake.lake.places.place import Place

_LAST = ("quarantine", "raw_pages")  # the index of the pages comes last: it is what finds them
_ENTITY = "entity_id"


def prepare(connection: duckdb.DuckDBPyConnection, subject: Subject, pages: Pages) -> None:
    """Make the relations that the queries expect."""
    text = pa.string()
    made = {
        "gone_ids": pa.table({"id": pa.array(sorted(subject.long), text)}),
        "gone_names": pa.table({"name": pa.array(subject.names, text)}),
        "gone_pages": pa.table({"page_id": pa.array(sorted(pages.gone), text)}),
        "cut_pages": pa.table(
            {
                "page_id": pa.array(list(pages.cut), text),
                "params": pa.array([one.params for one in pages.cut.values()], text),
                "body_hash": pa.array([one.body_hash for one in pages.cut.values()], text),
            }
        ),
    }
    for name, table in made.items():
        connection.register("made", table)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM made")
        connection.unregister("made")


def counted(connection: duckdb.DuckDBPyConnection, root: Place, subject: Subject) -> dict[str, int]:
    """Count the rows of the lake's tables that tell of somebody; tables without any are left out."""
    tables = DeltaTables(root)
    found: dict[str, int] = {}
    for name, contract in load().items():
        if files := tables.files(name):
            told = log_rows.gone(contract, subject)
            log = latest.log(contract, files)
            found[name] = _number(connection, f"SELECT count(*) FROM ({log}) AS logged WHERE {told}")  # noqa: S608
    return {name: count for name, count in found.items() if count}


def erase(
    connection: duckdb.DuckDBPyConnection, root: Place, subject: Subject, found: dict[str, int], cut: int
) -> int:
    """Write each of the lake's tables that tells of somebody without that, in one commit a table.

    Args:
        connection: Where `prepare` made what is needed.
        root: The tables.
        subject: Who.
        found: What `counted` counted.
        cut: How many answers were cut in part: their index changes, too.

    Returns:
        Bytes that were written.

    Raises:
        Fatal: One cannot be written; it is as it was.
    """
    tables = DeltaTables(root)
    first = [name for name in found if name not in _LAST]
    written = 0
    for name in (*first, *(one for one in _LAST if one in found or (cut and one == "raw_pages"))):
        contract = load()[name]
        if files := tables.files(name):
            kept = log_rows.kept(contract, subject, latest.log(contract, files))
            tables.rewrite(contract, connection.sql(kept))
            written += _size(root / name)
    return written


def others_counted(
    connection: duckdb.DuckDBPyConnection, root: Place, subject: Subject, skip: Iterable[str] = ()
) -> dict[str, int]:
    """Count the rows of tables without a contract (marts, a person's own) that tell of somebody."""
    tables = DeltaTables(root)
    found: dict[str, int] = {}
    for name in tables.names():
        if name in skip or not (files := tables.files(name)):
            continue
        told = any_rows.gone(tables.schema(name), subject)
        read = any_rows.read(files)
        found[name] = _number(connection, f"SELECT count(*) FROM ({read}) AS kept WHERE {told}")  # noqa: S608
    return {name: count for name, count in found.items() if count}


def erase_others(
    connection: duckdb.DuckDBPyConnection, root: Place, subject: Subject, found: Iterable[str]
) -> int:
    """Write tables without a contract without the rows that tell of somebody; their descriptions stay.

    Returns:
        Bytes that were written.

    Raises:
        Fatal: One cannot be written; it is as it was.
    """
    tables = DeltaTables(root)
    written = 0
    for name in found:
        schema = tables.schema(name)
        told = any_rows.gone(schema, subject)
        every = any_rows.read(tables.files(name))
        rest = connection.sql(f"FROM ({every}) AS kept WHERE NOT coalesce({told}, false)")
        tables.without(name, schema, rest.to_arrow_reader())
        written += _size(root / name)
    return written


def beside(connection: duckdb.DuckDBPyConnection, root: Place, subject: Subject) -> set[str]:
    """Find the artists whose rows in the marts tell of somebody: they are shown with it."""
    tables = DeltaTables(root)
    found: set[str] = set()
    for name in tables.names():
        schema, files = tables.schema(name), tables.files(name)
        if files and _ENTITY in schema.names:
            told = any_rows.gone(schema, subject)
            query = f"SELECT DISTINCT {_ENTITY} FROM ({any_rows.read(files)}) AS kept WHERE {told}"  # noqa: S608
            found.update(str(one) for (one,) in connection.execute(query).fetchall() if one)
    return found


def _size(table: Place) -> int:
    """Count the bytes of a table as it is now."""
    delta = table.delta()
    return 0 if delta is None else sum(pa.table(delta.get_add_actions()).column("size_bytes").to_pylist())


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((value,),) = connection.execute(query).fetchall()
    return int(value)
