"""The tables that serve, as SQLAlchemy Core knows them: the one source of every dialect's DDL."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, MetaData, String, Table

from tunelake.publish import schema

_TYPES: dict[schema.Kind, type[String | BigInteger | Double[float] | Boolean]] = {
    "text": String,
    "integer": BigInteger,
    "real": Double,
    "boolean": Boolean,
}


def tables(declared: Iterable[schema.Table]) -> MetaData:
    """Derive tables, with an index on entity_id where the key does not begin with it."""
    metadata = MetaData()
    for table in declared:
        columns = [
            Column(
                column.name, _TYPES[column.kind], primary_key=column.name in table.key, nullable=column.null
            )
            for column in table.columns
        ]
        made = Table(table.name, metadata, *columns, comment=table.meaning)
        if table.key[0] != "entity_id":
            Index(f"{table.name}_entity_id", made.c.entity_id)
    return metadata
