"""The tables of the control database, and their rows as values (SQLAlchemy Core)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite

from tunelake.collect.entities import Entity
from tunelake.collect.ports import Answered, Candidate, Want
from tunelake.domain.states import State


class Words(sql.types.TypeDecorator[str]):
    """Text that sorts by code points everywhere; what a database cannot hold is shown as a mark."""

    impl = sql.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sql.Dialect) -> sql.types.TypeEngine[Any]:
        """PostgreSQL is told to sort as SQLite does."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(sql.Text(collation=collation))

    def process_bind_param(self, value: str | None, dialect: sql.Dialect) -> str | None:  # noqa: ARG002  the base's
        """Sources and people write zero characters and halves of letters, too."""
        if value is None or value.isprintable():
            return value
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


METADATA = sql.MetaData()
ANSWERS = sql.Table(
    "answers",
    METADATA,
    sql.Column("fingerprint", sql.String(32), primary_key=True),
    sql.Column("server", Words, nullable=False),
    sql.Column("endpoint", Words, nullable=False),
    sql.Column("path", Words, nullable=False),
    sql.Column("status", sql.Integer, nullable=False),
    sql.Column("state", Words, nullable=False),
    sql.Column("reason", Words, nullable=False),
    sql.Column("page_id", sql.String(32), nullable=False),
    sql.Column("fetched_at", Words, nullable=False),
    sql.Column("source", Words, nullable=False),
    sql.Column("rights", Words, nullable=False),
    sql.Column("etag", Words, nullable=False),
    sql.Column("gist", sql.LargeBinary, nullable=False),
)
WANTS = sql.Table(
    "wants",
    METADATA,
    sql.Column("server", Words, primary_key=True),
    sql.Column("kind", Words, primary_key=True),
    sql.Column("asked", Words, primary_key=True),
    sql.Column("state", Words, nullable=False),
    sql.Column("reason", Words, nullable=False),
    sql.Column("artist_id", Words),
    sql.Column("name", Words),
    sql.Column("method", Words),
    sql.Column("confidence", sql.Float),
    sql.Column("candidates", Words, nullable=False),
    sql.Column("first_asked_at", Words, nullable=False),
    sql.Column("updated_at", Words, nullable=False),
    sql.Index("wants_in_order", "server", "kind", "first_asked_at", "asked"),
)
_SHORT = sql.text("state = 'fetched' AND total <> seen")
ENTITIES = sql.Table(
    "entities",
    METADATA,
    sql.Column("server", Words, primary_key=True),
    sql.Column("kind", Words, primary_key=True),
    sql.Column("id", Words, primary_key=True),
    sql.Column("state", Words, nullable=False),
    sql.Column("reason", Words, nullable=False),
    sql.Column("request", Words, nullable=False),
    sql.Column("page_id", sql.String(32), nullable=False),
    sql.Column("total", sql.Integer),
    sql.Column("seen", sql.Integer),
    sql.Column("digest", sql.String(32), nullable=False),
    sql.Column("first_at", Words, nullable=False),
    sql.Column("checked_at", Words),
    sql.Column("changed_at", Words),
    sql.Column("checks", sql.Integer, nullable=False),
    sql.Column("changes", sql.Integer, nullable=False),
    sql.Index("entities_by_age", "server", "kind", "checked_at", "id"),
    # Whoever counts a million things reads these alone.
    sql.Index("entities_by_state", "server", "kind", "state"),
    sql.Index("entities_short", "server", sqlite_where=_SHORT, postgresql_where=_SHORT),
)
GATES = sql.Table(
    "gates",
    METADATA,
    sql.Column("server", Words, primary_key=True),
    sql.Column("client", Words, primary_key=True),
    sql.Column("endpoint", Words, primary_key=True),
    sql.Column("state", Words, nullable=False),
    sql.Column("reason", Words, nullable=False),
    sql.Column("at", Words, nullable=False),
)


def insert_into(dialect: str, table: sql.Table) -> postgresql.Insert | sqlite.Insert:
    """The beginning of a statement that puts a row, whatever it does about one that is there."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def upsert_into(dialect: str, table: sql.Table, keep: tuple[str, ...] = ()) -> sql.Insert:
    """The statement that puts a row, or replaces all of it but the columns to keep."""
    statement = insert_into(dialect, table)
    new = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key and column.name not in keep
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)


@cache
def insert_new(dialect: str, table: sql.Table) -> sql.Insert:
    """The statement that puts a row where there is none."""
    statement = insert_into(dialect, table)
    return statement.on_conflict_do_nothing(index_elements=list(table.primary_key))


def text_of(at: datetime) -> str:
    """A time as it is kept: UTC, so that texts sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """The time of a kept text."""
    return datetime.fromisoformat(text)


def answer_of(row: sql.RowMapping) -> Answered:
    """An answer from its row."""
    fields = {name: row[name] for name in Answered.__struct_fields__}
    return Answered(**fields | {"state": State(row["state"]), "fetched_at": time_of(row["fetched_at"])})


def want_row(want: Want, server: str, first_at: datetime, at: datetime) -> dict[str, object]:
    """The row of a want."""
    return {
        **msgspec.structs.asdict(want),
        "server": server,
        "state": str(want.state),
        "candidates": msgspec.json.encode(want.candidates).decode(),
        "first_asked_at": text_of(first_at),
        "updated_at": text_of(at),
    }


def want_of(row: sql.RowMapping) -> Want:
    """A want from its row."""
    fields = {name: row[name] for name in Want.__struct_fields__}
    candidates = msgspec.json.decode(row["candidates"], type=tuple[Candidate, ...])
    return Want(**fields | {"state": State(row["state"]), "candidates": candidates})


def entity_of(row: sql.RowMapping) -> Entity:
    """A wanted thing from its row."""
    fields = {name: row[name] for name in Entity.__struct_fields__}
    times = {
        name: time_of(row[name]) for name in ("first_at", "checked_at", "changed_at") if row[name] is not None
    }
    return Entity(**fields | times | {"state": State(row["state"])})


def entity_row(entity: Entity, server: str) -> dict[str, object]:
    """The row of a wanted thing."""
    fields = msgspec.structs.asdict(entity)
    times = {
        name: text_of(fields[name])
        for name in ("first_at", "checked_at", "changed_at")
        if fields[name] is not None
    }
    return {**fields, **times, "server": server, "state": str(entity.state)}
