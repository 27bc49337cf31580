"""The tables of the control database, and their rows as values (SQLAlchemy Core)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import msgspec
import sqlalchemy as sql
from sqlalchemy.dialects.sqlite import insert

from tunelake.collect.entities import Entity
from tunelake.collect.ports import Answered, Candidate, Want
from tunelake.domain.states import State

METADATA = sql.MetaData()
ANSWERS = sql.Table(
    "answers",
    METADATA,
    sql.Column("fingerprint", sql.String(32), primary_key=True),
    sql.Column("server", sql.Text, nullable=False),
    sql.Column("endpoint", sql.Text, nullable=False),
    sql.Column("path", sql.Text, nullable=False),
    sql.Column("status", sql.Integer, nullable=False),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("page_id", sql.String(32), nullable=False),
    sql.Column("fetched_at", sql.Text, nullable=False),
    sql.Column("source", sql.Text, nullable=False),
    sql.Column("rights", sql.Text, nullable=False),
    sql.Column("etag", sql.Text, nullable=False),
    sql.Column("gist", sql.LargeBinary, nullable=False),
)
WANTS = sql.Table(
    "wants",
    METADATA,
    sql.Column("server", sql.Text, primary_key=True),
    sql.Column("kind", sql.Text, primary_key=True),
    sql.Column("asked", sql.Text, primary_key=True),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("artist_id", sql.Text),
    sql.Column("name", sql.Text),
    sql.Column("method", sql.Text),
    sql.Column("confidence", sql.Float),
    sql.Column("candidates", sql.Text, nullable=False),
    sql.Column("first_asked_at", sql.Text, nullable=False),
    sql.Column("updated_at", sql.Text, nullable=False),
)
COOLDOWNS = sql.Table(
    "cooldowns",
    METADATA,
    sql.Column("server", sql.Text, primary_key=True),
    sql.Column("until", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
)
ENTITIES = sql.Table(
    "entities",
    METADATA,
    sql.Column("server", sql.Text, primary_key=True),
    sql.Column("kind", sql.Text, primary_key=True),
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("request", sql.Text, nullable=False),
    sql.Column("page_id", sql.String(32), nullable=False),
    sql.Column("total", sql.Integer),
    sql.Column("seen", sql.Integer),
    sql.Column("digest", sql.String(32), nullable=False),
    sql.Column("first_at", sql.Text, nullable=False),
    sql.Column("checked_at", sql.Text),
    sql.Column("changed_at", sql.Text),
    sql.Column("checks", sql.Integer, nullable=False),
    sql.Column("changes", sql.Integer, nullable=False),
)
GATES = sql.Table(
    "gates",
    METADATA,
    sql.Column("server", sql.Text, primary_key=True),
    sql.Column("client", sql.Text, primary_key=True),
    sql.Column("endpoint", sql.Text, primary_key=True),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("at", sql.Text, nullable=False),
)
DRIFT = sql.Table(
    "drift",
    METADATA,
    sql.Column("object", sql.Text, primary_key=True),
    sql.Column("field", sql.Text, primary_key=True),
    sql.Column("first_seen_at", sql.Text, nullable=False),
    sql.Column("last_seen_at", sql.Text, nullable=False),
)


@cache
def upsert_into(table: sql.Table, keep: tuple[str, ...] = ()) -> sql.Insert:
    """The statement that puts a row, or replaces all of it but the columns to keep."""
    statement = insert(table)
    new = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key and column.name not in keep
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)


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
