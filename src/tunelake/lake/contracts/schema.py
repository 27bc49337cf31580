"""Arrow schemas of the tables, from their contracts."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from tunelake.lake.contracts.contract import Column, Contract, logged, public

_ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    # Naive times would raise the Delta reader version.
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def arrow_type(column: Column) -> pa.DataType:
    """Return the Arrow type of a column."""
    return _ARROW_TYPES[column.type]


def _schema(columns: Iterable[Column]) -> pa.Schema:
    return pa.schema([pa.field(column.name, arrow_type(column)) for column in columns])


def public_schema(contract: Contract) -> pa.Schema:
    """Return the schema of the current state."""
    return _schema(public(contract))


def log_schema(contract: Contract) -> pa.Schema:
    """Return the schema of the log, private columns included."""
    return _schema(logged(contract))


def outgrown(there: pa.Schema, contract: Contract) -> tuple[set[str], set[str]]:
    """Compare a table as it was written with its contract of today.

    Returns:
        The columns that the table lacks, and those that it has in another type.
    """
    wanted = {field.name: field.type for field in log_schema(contract)}
    known = {field.name: field.type for field in there}
    lacking = wanted.keys() - known.keys()
    return lacking, {name for name, kind in wanted.items() if name in known and known[name] != kind}
