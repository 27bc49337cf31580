"""Asks DuckDB what a batch of rows adds to a table's log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tunelake.lake.contracts.contract import Contract
from tunelake.lake.contracts.schema import log_schema
from tunelake.lake.history import meetings, news
from tunelake.lake.history.latest import log
from tunelake.lake.history.meetings import NUMBER as _NUMBER
from tunelake.lake.rows.typed import PAGE

if TYPE_CHECKING:
    import duckdb


class News(msgspec.Struct, frozen=True):
    """What a batch of rows says.

    Attributes:
        rows: Those that add something, sorted by `_key`, in the schema of the log.
        confirmed: All rows of the pages that had rows which the log knew and which say nothing new:
            `_key`, `_page`, and in row tables `_absent`.
    """

    rows: pa.Table
    confirmed: pa.Table


def new_rows(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    rows: pa.Table,
    system: pa.Table,
    files: list[str],
) -> News:
    """Tell which rows of a batch add something.

    Only rows that meet others of their key, in the log or in the batch, are compared by queries.

    Args:
        connection: An open connection; it keeps nothing of this.
        contract: The table.
        rows: The contract's columns, `_page`, and in row tables `_absent` and `_row`; in order of time.
        system: What the lake adds to the rows of each page; `_page` is the place in it.
        files: Parquet files of the table's log as it is now.
    """
    hashes = _ask(connection, news.hashes(contract), _hashed(contract, rows, system))
    order = pc.sort_indices(hashes.column("_key"))
    rows = rows.append_column("_key", hashes.column("_key")).append_column("_hash", hashes.column("_hash"))
    rows = rows.take(order).combine_chunks()
    known = _known(connection, contract, rows, files)
    rows = rows.append_column(_NUMBER, pa.arange(0, rows.num_rows))
    every = rows
    if not contract.is_set:
        rows = meetings.without_repeated(rows, known)
    rows = rows.append_column("_i", pa.arange(0, rows.num_rows))
    met = rows.filter(meetings.met(rows, known, by_page=contract.is_set))
    if met.num_rows:
        find = _unchanged_sets if contract.is_set else _unchanged_rows
        gone = find(connection, contract, complete(met, system), log(contract, files))
        rows = rows.filter(pc.invert(pc.is_in(rows.column("_i"), value_set=gone)))
    schema = log_schema(contract)
    return News(
        complete(rows, system).select(schema.names).cast(schema),
        meetings.confirmed(every, known, rows.column(_NUMBER)),
    )


def _hashed(contract: Contract, rows: pa.Table, system: pa.Table) -> pa.Table:
    """Add what the key has of the page, as a dictionary: no value is copied."""
    pages = rows.column(PAGE).combine_chunks()
    for name in contract.identity:
        if name not in contract.names:
            values = system.column(name).combine_chunks()
            rows = rows.append_column(name, pa.DictionaryArray.from_arrays(pages, values))
    return rows.drop_columns([PAGE])


def complete(rows: pa.Table, system: pa.Table) -> pa.Table:
    """Add to each row what the lake adds to the rows of its page."""
    pages = rows.column(PAGE)
    for name in system.column_names:
        rows = rows.append_column(name, system.column(name).take(pages))
    return rows


def _known(
    connection: duckdb.DuckDBPyConnection, contract: Contract, rows: pa.Table, files: list[str]
) -> pa.Array:
    """Return the keys of these rows that the log has."""
    if not files:
        return pa.array([], pa.int64())
    found = _ask(connection, news.known(log(contract, files)), rows.select(["_key"]))
    return found.column("_key").combine_chunks()


def _unchanged_sets(
    connection: duckdb.DuckDBPyConnection, contract: Contract, batch: pa.Table, logged: str
) -> pa.Array:
    part = batch.select(["_i", "_key", "_hash", "_whole", "observed_at", "page_id"])
    return _places(_ask(connection, news.unchanged_sets(contract, logged), part))


def _unchanged_rows(
    connection: duckdb.DuckDBPyConnection, contract: Contract, batch: pa.Table, logged: str
) -> pa.Array:
    part = batch.select(["_i", "_key", "_hash", "observed_at", "page_id", "_row"])
    asked = _ask(connection, news.contested(logged), part)
    same = _places(asked.filter(asked.column("_same")))
    # Most rows are equal to the one before them: only the few others are compared column by column.
    others = batch.filter(pc.invert(pc.is_in(batch.column("_i"), value_set=same)))
    if not others.num_rows:
        return same
    known = _places(_ask(connection, news.unchanged_rows(contract, logged), others))
    return pa.concat_arrays([same, known])


def _places(found: pa.Table) -> pa.Array:
    return found.column("_i").combine_chunks().cast(pa.int64())


def _ask(connection: duckdb.DuckDBPyConnection, query: str, batch: pa.Table) -> pa.Table:
    connection.register("batch", batch)
    try:
        return connection.sql(query).to_arrow_table()
    finally:
        connection.unregister("batch")


def pages_since(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[str], since: datetime
) -> list[tuple[str, int, int]]:
    """Find landed pages that tell of a time not before another: segment, offset and length of each."""
    if not files:
        return []
    found = connection.execute(news.since(log(contract, files)), {"since": since}).fetchall()
    return [(str(segment), int(offset), int(length)) for segment, offset, length in found]
