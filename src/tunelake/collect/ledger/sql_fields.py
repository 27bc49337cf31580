"""What a ledger on SQL remembers of endpoints and fields: which an application gets, and what drifted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache

import msgspec
import sqlalchemy as sql

from tunelake.collect.drift import Field
from tunelake.collect.ledger.ledger_view import Capability
from tunelake.collect.ledger.sql_tables import METADATA, Words, insert_into, text_of, time_of, upsert_into
from tunelake.collect.ledger.sqlalchemy_engine import Database
from tunelake.collect.ports import Gate
from tunelake.domain.fields import Drift
from tunelake.domain.states import State

CAPABILITIES = sql.Table(
    "capabilities",
    METADATA,
    sql.Column("server", Words, primary_key=True),
    sql.Column("client", Words, primary_key=True),
    sql.Column("endpoint", Words, primary_key=True),
    sql.Column("verdict", Words, primary_key=True),
    sql.Column("reason", Words, nullable=False),
    sql.Column("first_seen_at", Words, nullable=False),
    sql.Column("last_seen_at", Words, nullable=False),
)
FIELDS = sql.Table(
    "fields",
    METADATA,
    sql.Column("server", Words, primary_key=True),
    sql.Column("client", Words, primary_key=True),
    sql.Column("endpoint", Words, primary_key=True),
    sql.Column("place", Words, primary_key=True),
    sql.Column("field", Words, primary_key=True),
    sql.Column("form", Words, nullable=False),
    sql.Column("steady", sql.Boolean, nullable=False),
    sql.Column("first_seen_at", Words),
    sql.Column("last_seen_at", Words),
    sql.Column("absent_since", Words),
)
FIELD_DRIFT = sql.Table(
    "field_drift",
    METADATA,
    sql.Column("server", Words, primary_key=True),
    sql.Column("client", Words, primary_key=True),
    sql.Column("endpoint", Words, primary_key=True),
    sql.Column("object", Words, primary_key=True),
    sql.Column("field", Words, primary_key=True),
    sql.Column("kind", Words, primary_key=True),
    sql.Column("detail", Words, nullable=False),
    sql.Column("first_seen_at", Words, nullable=False),
    sql.Column("last_seen_at", Words, nullable=False),
)
_TIMES = ("first_seen_at", "last_seen_at", "absent_since")


class SqlFields:
    """One server's endpoints and fields, by application."""

    _server: str
    _database: Database
    _transaction: Callable[[], AbstractContextManager[sql.Connection]]

    def fields(self, client: str) -> list[Field]:
        """What is remembered of the fields of answers to an application."""
        return [msgspec.convert(row, Field) for row in self._rows(FIELDS, client)]

    def put_fields(self, client: str, fields: Sequence[Field]) -> None:
        """Remember what was seen of fields."""
        self._write(FIELDS, client, fields)

    def put_drift(self, client: str, found: Sequence[Drift]) -> None:
        """Remember what was not as expected; the earliest time it was seen counts, and what was told last."""
        self._write(FIELD_DRIFT, client, found, _seen_again)

    def drift(self, client: str) -> list[Drift]:
        """What was not as expected, in the order it was first seen."""
        found = [msgspec.convert(row, Drift) for row in self._rows(FIELD_DRIFT, client)]
        return sorted(found, key=lambda one: (one.first_seen_at, one.endpoint, one.object, one.field))

    def put_capabilities(self, client: str, found: Sequence[Capability]) -> None:
        """Remember what an application may call; the earliest time counts, and what was told last."""
        self._write(CAPABILITIES, client, found, _seen_again)

    def capabilities(self, client: str) -> list[Capability]:
        """What was found out last about each endpoint."""
        found = [msgspec.convert(row, Capability) for row in self._rows(CAPABILITIES, client)]
        by_time = sorted(found, key=lambda one: one.last_seen_at)
        return sorted({one.endpoint: one for one in by_time}.values(), key=lambda one: one.endpoint)

    def _rows(self, table: sql.Table, client: str) -> list[dict[str, object]]:
        chosen = sql.select(table).where(table.c.server == self._server, table.c.client == client)
        with self._transaction() as connection:
            rows = connection.execute(chosen.order_by(*table.primary_key)).mappings()
            return [
                {str(name): _read(name, row[name]) for name in row if name not in {"server", "client"}}
                for row in rows
            ]

    def _write(
        self,
        table: sql.Table,
        client: str,
        told: Sequence[msgspec.Struct],
        statement_of: Callable[[str, sql.Table], sql.Insert] = upsert_into,
    ) -> None:
        key = {"server": self._server, "client": client}
        rows = [
            key | {name: _kept(value) for name, value in msgspec.structs.asdict(one).items()} for one in told
        ]
        if rows:
            statement = statement_of(self._database.dialect, table)
            names = [column.name for column in table.primary_key]
            ordered = sorted(rows, key=lambda row: tuple(str(row[name]) for name in names))
            with self._transaction() as connection:
                connection.execute(statement, ordered)


@cache
def _seen_again(dialect: str, table: sql.Table) -> sql.Insert:
    """The statement that puts a row, or adds to one: the earlier first time, all else of the later last."""
    statement = insert_into(dialect, table)
    new, old = statement.excluded, table.c
    later = new.last_seen_at >= old.last_seen_at
    changed = {
        column.name: sql.case((later, new[column.name]), else_=column)
        for column in table.columns
        if column not in table.primary_key.columns.values()
    }
    changed["first_seen_at"] = sql.case(
        (new.first_seen_at < old.first_seen_at, new.first_seen_at), else_=old.first_seen_at
    )
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


def capability_of(gate: Gate) -> Capability:
    """What is found out about an endpoint says whether it answers."""
    return Capability(
        endpoint=gate.endpoint,
        verdict="allowed" if gate.state is State.FETCHED else "closed",
        reason=gate.reason,
        first_seen_at=gate.at,
        last_seen_at=gate.at,
    )


def _kept(value: object) -> object:
    return text_of(value) if isinstance(value, datetime) else value


def _read(name: str, value: object) -> object:
    return time_of(value) if name in _TIMES and isinstance(value, str) else value
