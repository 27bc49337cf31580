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
    numbered = batch.append_column("_i", pa.array(range(batch.num_rows), pa.int64()))
    find = _new_sets if contract.is_set else _new_single_rows
    found = find(connection, contract, numbered, log(contract, files))
    return found.select(log_schema(contract).names).cast(log_schema(contract))


def _new_sets(
    connection: duckdb.DuckDBPyConnection, contract: Contract, batch: pa.Table, logged: str
) -> pa.Table:
    return _ask(connection, news.new_sets(contract, logged), batch=batch)


def _new_single_rows(
    connection: duckdb.DuckDBPyConnection, contract: Contract, batch: pa.Table, logged: str
) -> pa.Table:
    batch = batch.append_column("_key", _ask(connection, news.keys(contract), batch=batch).column(0))
    # Most keys are new: only the few others are compared column by column.
    places = _ask(connection, news.contested(logged), batch=batch.select(["_i", "_key"])).column(0)
    if len(places):
        known = _ask(connection, news.unchanged_rows(contract, logged), contested=batch.take(places)).column(
            0
        )
        batch = batch.filter(pc.invert(pc.is_in(batch.column("_i"), value_set=known.combine_chunks())))
    return batch.sort_by([("_key", "ascending"), ("_i", "ascending")])


def _ask(connection: duckdb.DuckDBPyConnection, query: str, **relations: pa.Table) -> pa.Table:
    for name, table in relations.items():
        connection.register(name, table)
    try:
        return connection.sql(query).to_arrow_table()
    finally:
        for name in relations:
            connection.unregister(name)


def pages_since(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[str], since: datetime
) -> list[tuple[str, int, int]]:
    """Find landed pages that tell of a time not before another: segment, offset and length of each."""
    if not files:
        return []
    found = connection.execute(news.since(log(contract, files)), {"since": since}).fetchall()
    return [(str(segment), int(offset), int(length)) for segment, offset, length in found]
