"""What a ledger on SQL shows to people (SQLAlchemy Core)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import sqlalchemy as sql

from tunelake.collect.entities import Entity
from tunelake.collect.ledger.ledger_view import Source
from tunelake.collect.ledger.sql_tables import (
    ANSWERS,
    ENTITIES,
    WANTS,
    entity_of,
    time_of,
    want_of,
)
from tunelake.collect.ledger.sqlalchemy_engine import Database
from tunelake.collect.ports import Want

AT_MOST = 1000
"""Answers about one thing that are shown."""


class SqlLedgerView:
    """Questions of people to one server's ledger."""

    _server: str
    _database: Database
    _transaction: Callable[[], AbstractContextManager[sql.Connection]]

    def want_states(self) -> dict[str, int]:
        """How many wants are in which state."""
        counted = (
            sql.select(WANTS.c.state, sql.func.count())
            .where(WANTS.c.server == self._server)
            .group_by(WANTS.c.state)
            .order_by(WANTS.c.state)
        )
        with self._transaction() as connection:
            return {row[0]: row[1] for row in connection.execute(counted)}

    def wants_of(self, what: str) -> list[Want]:
        """The wants of a name or an id, as it was asked for or found."""
        either = sql.or_(WANTS.c.asked == what, WANTS.c.artist_id == what, WANTS.c.name == what)
        chosen = sql.select(WANTS).where(WANTS.c.server == self._server, either)
        with self._transaction() as connection:
            rows = connection.execute(chosen.order_by(WANTS.c.first_asked_at)).mappings()
            return [want_of(row) for row in rows]

    def states(self) -> dict[str, dict[str, int]]:
        """How many things of each kind are in which state."""
        counted = (
            sql.select(ENTITIES.c.kind, ENTITIES.c.state, sql.func.count())
            .where(ENTITIES.c.server == self._server)
            .group_by(ENTITIES.c.kind, ENTITIES.c.state)
            .order_by(ENTITIES.c.kind, ENTITIES.c.state)
        )
        found: dict[str, dict[str, int]] = {}
        with self._transaction() as connection:
            for kind, state, count in connection.execute(counted):
                found.setdefault(kind, {})[state] = count
        return found

    def about(self, ids: Sequence[str]) -> list[Entity]:
        """What is known of the things with these ids, of every kind."""
        like = [ENTITIES.c.id == one for one in ids] + [ENTITIES.c.id.startswith(f"{one} ") for one in ids]
        chosen = sql.select(ENTITIES).where(ENTITIES.c.server == self._server, sql.or_(*like))
        with self._transaction() as connection:
            rows = connection.execute(chosen.order_by(ENTITIES.c.kind, ENTITIES.c.id)).mappings()
            return [entity_of(row) for row in rows]

    def answers_about(self, ids: Sequence[str]) -> list[Source]:
        """The answers to requests that name one of these ids in their path, newest first."""
        named = [ANSWERS.c.path.contains(f"/{one}", autoescape=True) for one in ids]
        chosen = (
            sql.select(ANSWERS)
            .where(ANSWERS.c.server == self._server, sql.or_(*named))
            .order_by(ANSWERS.c.fetched_at.desc())
            .limit(AT_MOST)
        )
        with self._transaction() as connection:
            return [
                Source(
                    at=time_of(row["fetched_at"]),
                    endpoint=row["endpoint"],
                    path=row["path"],
                    status=row["status"],
                    state=row["state"],
                    reason=row["reason"],
                    page_id=row["page_id"],
                )
                for row in connection.execute(chosen).mappings()
            ]
