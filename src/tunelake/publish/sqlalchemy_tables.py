"""The tables that serve, as SQLAlchemy Core knows them: the one source of every dialect's DDL."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.mysql import MEDIUMTEXT
from sqlalchemy.types import TypeEngine

from tunelake.publish import schema

SHORT = 255  # letters of an id where the database wants a limit for what it indexes
_NUL, _SHOWN_NUL, _ESCAPE = "\0", "\u2400", "\u241b"

PARTS = "publication_parts"
STATE = "publication"


class Words(TypeDecorator[str]):
    """A text of any length and letters, compared letter by letter.

    PostgreSQL cannot hold the letter NUL; it is kept as its picture there and comes back as it was.
    """

    impl = Text
    cache_ok = True

    def __init__(self, *, short: bool = False) -> None:
        super().__init__()
        self.short = short

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type that a database has for it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Text(collation="C"))
        if dialect.name == "mysql":
            return dialect.type_descriptor(String(SHORT) if self.short else MEDIUMTEXT())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Turn a value into what the database can hold."""
        if value is None or dialect.name != "postgresql" or not any(c in value for c in _SPECIAL):
            return value
        for letter in (_ESCAPE, _SHOWN_NUL):
            value = value.replace(letter, _ESCAPE + letter)
        return value.replace(_NUL, _SHOWN_NUL)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Turn what the database holds into the value."""
        if value is None or dialect.name != "postgresql" or not any(c in value for c in _SPECIAL):
            return value
        pieces = value.split(_ESCAPE + _ESCAPE)
        return _ESCAPE.join(
            _SHOWN_NUL.join(plain.replace(_SHOWN_NUL, _NUL) for plain in piece.split(_ESCAPE + _SHOWN_NUL))
            for piece in pieces
        )


_SPECIAL = (_NUL, _SHOWN_NUL, _ESCAPE)
_TYPES: dict[schema.Kind, type[TypeEngine[Any]]] = {
    "integer": BigInteger,
    "real": Double,
    "boolean": Boolean,
}
# InnoDB follows foreign keys; the collation tells all letters apart.
_MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def tables(declared: Iterable[schema.Table]) -> MetaData:
    """Derive tables, keys, foreign keys and indexes, and the tables of its books."""
    metadata = MetaData()
    chosen = list(declared)
    for table in chosen:
        made = Table(
            table.name,
            metadata,
            *(_column(table, column, chosen[0].name) for column in table.columns),
            comment=table.meaning,
            **_MYSQL,
        )
        for names in (*table.indexes, *((name,) for name in table.refers if name != table.key[0])):
            Index(f"{table.name}_{'_'.join(names)}", *(made.c[name] for name in names))
    _books(metadata)
    return metadata


def layout(declared: Iterable[schema.Table]) -> str:
    """Shorten what is declared, to tell a database that was made for other tables."""
    return blake2b(repr(tuple(declared)).encode(), digest_size=8).hexdigest()


def _column(table: schema.Table, column: schema.Column, artists: str) -> Column[Any]:
    kind = _TYPES.get(column.kind)
    return Column(
        column.name,
        kind() if kind else Words(short=column.name in table.short),
        *([ForeignKey(f"{artists}.entity_id", ondelete="CASCADE")] if column.name in table.refers else ()),
        primary_key=column.name in table.key,
        nullable=column.null,
        autoincrement=False,
    )


def _books(metadata: MetaData) -> None:
    Table(
        PARTS,
        metadata,
        Column("part", Words(short=True), primary_key=True),
        Column("entity_id", Words(short=True), primary_key=True),
        Column("hash", Words(short=True), nullable=False),
        comment="The hash of what was published of an artist in a table: what differs is written anew.",
        **_MYSQL,
    )
    Table(
        STATE,
        metadata,
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("layout", Words(short=True), nullable=False),
        Column("version", BigInteger, nullable=False),
        comment="One row: the layout of these tables, and how many times they were published.",
        **_MYSQL,
    )
