"""Asks DuckDB what a batch of rows adds to a table's log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tunelake.lake import news
from tunelake.lake.contract import Contract
from tunelake.lake.latest import log
from tunelake.lake.schema import log_schema

if TYPE_CHECKING:
    import duckdb


def new_rows(
    connection: duckdb.DuckDBPyConnection, contract: Contract, batch: pa.Table, files: list[str]
) -> pa.Table:
    """Return the rows of a batch that add something, sorted by `_key`, in the schema of the log.

    Args:
        connection: An open connection; it keeps nothing of this.
        contract: The table.
        batch: Public columns and `_absent` and `_row`, or `_whole` for set tables.
        files: Parquet files of the table's log as it is now.
    """
    batch = batch.append_column("_i", pa.array(range(batch.num_rows), pa.int64()))
    hashes = _ask(connection, news.hashes(contract), batch)
    for name in hashes.column_names:
        batch = batch.append_column(name, hashes.column(name))
    find = _unchanged_sets if contract.is_set else _unchanged_rows
    batch = _without(batch, find(connection, contract, batch, log(contract, files)))
    ordered = batch.sort_by([("_key", "ascending"), ("_i", "ascending")])
    return ordered.select(log_schema(contract).names).cast(log_schema(contract))


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
    # Most keys are new or equal to what was there: only the few others are compared column by column.
    others = _places(asked.filter(pc.invert(asked.column("_same"))))
    if not len(others):
        return same
    known = _places(_ask(connection, news.unchanged_rows(contract, logged), batch.take(others)))
    return pa.concat_arrays([same, known])


def _places(found: pa.Table) -> pa.Array:
    return found.column("_i").combine_chunks().cast(pa.int64())


def _without(batch: pa.Table, places: pa.Array) -> pa.Table:
    return batch.filter(pc.invert(pc.is_in(batch.column("_i"), value_set=places))) if len(places) else batch


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
