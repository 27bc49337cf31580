"""The ledger on SQL (SQLAlchemy Core): SQLite or PostgreSQL. One database holds the ledgers of many servers.

What may be long is read a thousand rows at a time. SQLAlchemy takes a second to import, so this module is
imported only where a ledger is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sql

from tunelake.collect.entities import Entity, Sight, merged
from tunelake.collect.ledger.sql_fields import SqlFields, capability_of
from tunelake.collect.ledger.sql_ledger_view import SqlLedgerView
from tunelake.collect.ledger.sql_tables import (
    ANSWERS,
    ENTITIES,
    GATES,
    WANTS,
    answer_of,
    entity_of,
    entity_row,
    insert_new,
    text_of,
    time_of,
    upsert_into,
    want_of,
    want_row,
)
from tunelake.collect.ledger.sqlalchemy_engine import Database
from tunelake.collect.ports import Answered, Gate, Want
from tunelake.domain.states import State

AT_ONCE = 500  # parameters of one SELECT; SQLite's oldest limit is 999
READ_AT_ONCE = 1000

_LOOKUP = sql.select(ANSWERS).where(ANSWERS.c.fingerprint.in_(sql.bindparam("names", expanding=True)))
_KNOWN = sql.select(ENTITIES).where(
    ENTITIES.c.server == sql.bindparam("server"),
    ENTITIES.c.kind == sql.bindparam("kind"),
    ENTITIES.c.id.in_(sql.bindparam("ids", expanding=True)),
)
_TO_CHANGE = _KNOWN.with_for_update()


class SqlLedger(SqlLedgerView, SqlFields):
    """One server's ledger in a database; close it when done."""

    def __init__(self, where: Path | str, server: str) -> None:
        """Open, and make the tables where they are not.

        Args:
            where: The database file, whose folder must be there; or the address of a PostgreSQL database.
            server: The base of the API whose answers these are.

        Raises:
            ConfigError: It cannot be opened or is no database.
        """
        self._server = server
        self._database = Database(where)
        self._transaction = self._database.transaction

    def answered(self, fingerprints: Sequence[str]) -> dict[str, Answered]:
        """The answers known, by fingerprint."""
        found: dict[str, Answered] = {}
        with self._transaction() as connection:
            for start in range(0, len(fingerprints), AT_ONCE):
                some = fingerprints[start : start + AT_ONCE]
                rows = connection.execute(_LOOKUP, {"names": some})
                found.update((row["fingerprint"], answer_of(row)) for row in rows.mappings())
        return found

    def record(self, answers: Sequence[Answered]) -> None:
        """Remember answers, all or none; newer replace older."""
        rows = [
            {
                **msgspec.structs.asdict(answer),
                "server": self._server,
                "state": str(answer.state),
                "fetched_at": text_of(answer.fetched_at),
            }
            for answer in answers
        ]
        self._upsert(ANSWERS, rows)

    def want(self, kind: str, asked: Sequence[str], at: datetime) -> None:
        """Note what is wanted, where it is not known yet."""
        wants = [Want(kind=kind, asked=one, state=State.WANTED) for one in dict.fromkeys(asked)]
        self._put(insert_new(self._database.dialect, WANTS), self._want_rows(wants, at))

    def put_wants(self, wants: Sequence[Want], at: datetime) -> None:
        """Remember what became of wants, by kind and text asked."""
        keep = ("first_asked_at",)
        self._put(upsert_into(self._database.dialect, WANTS, keep), self._want_rows(wants, at))

    def _want_rows(self, wants: Sequence[Want], at: datetime) -> list[dict[str, object]]:
        """The rows; a millionth of a second between them keeps them in the order asked."""
        return [
            want_row(want, self._server, at + timedelta(microseconds=place), at)
            for place, want in enumerate(wants)
        ]

    def wants(self, kind: str) -> Iterator[Want]:
        """Everything ever wanted of a kind, in the order first asked."""
        order = (WANTS.c.first_asked_at, WANTS.c.asked)
        chosen = sql.select(WANTS).where(WANTS.c.server == self._server, WANTS.c.kind == kind)
        for rows in self._read(chosen, order):
            yield from map(want_of, rows)

    def see(self, sights: Sequence[Sight]) -> None:
        """Add what was learned to what is known of things, all or none."""
        if not sights:
            return
        with self._transaction() as connection:
            known: dict[tuple[str, str], Entity] = {}
            for kind in sorted({sight.kind for sight in sights}):
                ids = sorted({sight.id for sight in sights if sight.kind == kind})
                for start in range(0, len(ids), AT_ONCE):
                    some = {"server": self._server, "kind": kind, "ids": ids[start : start + AT_ONCE]}
                    found = map(entity_of, connection.execute(_TO_CHANGE, some).mappings())
                    known.update(((kind, entity.id), entity) for entity in found)
            told: dict[tuple[str, str], Entity] = {}
            for sight in sights:
                key = (sight.kind, sight.id)
                told[key] = merged(told.get(key, known.get(key)), sight)
            rows = [
                entity_row(entity, self._server)
                for key, entity in sorted(told.items())
                if entity != known.get(key)
            ]
            if rows:
                connection.execute(upsert_into(self._database.dialect, ENTITIES), rows)

    def entities(self, kind: str) -> Iterator[Entity]:
        """Everything known of things of a kind, in the order of their ids."""
        chosen = sql.select(ENTITIES).where(ENTITIES.c.server == self._server, ENTITIES.c.kind == kind)
        for rows in self._read(chosen, (ENTITIES.c.id,)):
            yield from map(entity_of, rows)

    def seen(self, kind: str, ids: Sequence[str]) -> dict[str, Entity]:
        """What is known of things of a kind, by id."""
        found: dict[str, Entity] = {}
        with self._transaction() as connection:
            for start in range(0, len(ids), AT_ONCE):
                some = {"server": self._server, "kind": kind, "ids": list(ids[start : start + AT_ONCE])}
                entities = map(entity_of, connection.execute(_KNOWN, some).mappings())
                found.update((entity.id, entity) for entity in entities)
        return found

    def longest_ago(self, kind: str, before: datetime) -> Iterator[list[Entity]]:
        """What was last looked at before a time: never first, then longest ago; some thousand at a time."""
        of_kind = sql.select(ENTITIES).where(ENTITIES.c.server == self._server, ENTITIES.c.kind == kind)
        never = of_kind.where(ENTITIES.c.checked_at.is_(None), ENTITIES.c.first_at < text_of(before))
        for rows in self._read(never, (ENTITIES.c.id,)):
            yield list(map(entity_of, rows))
        once = of_kind.where(ENTITIES.c.checked_at < text_of(before))
        for rows in self._read(once, (ENTITIES.c.checked_at, ENTITIES.c.id)):
            yield list(map(entity_of, rows))

    def owed(self) -> Iterator[Entity]:
        """Every thing of which something is still owed, in the order of kind and id."""
        chosen = sql.select(ENTITIES).where(
            ENTITIES.c.server == self._server,
            ENTITIES.c.state.in_([str(state) for state in State if state.is_gap])
            | (ENTITIES.c.total != ENTITIES.c.seen),
        )
        for rows in self._read(chosen, (ENTITIES.c.kind, ENTITIES.c.id)):
            yield from (entity for entity in map(entity_of, rows) if entity.owed)

    def gates(self, client: str) -> list[Gate]:
        """What was found out about what an application may call."""
        chosen = sql.select(GATES).where(GATES.c.server == self._server, GATES.c.client == client)
        with self._transaction() as connection:
            return [
                Gate(
                    endpoint=row["endpoint"],
                    state=State(row["state"]),
                    reason=row["reason"],
                    at=time_of(row["at"]),
                )
                for row in connection.execute(chosen.order_by(GATES.c.endpoint)).mappings()
            ]

    def put_gate(self, client: str, gate: Gate) -> None:
        """Remember what was found out about an endpoint."""
        told = {"state": str(gate.state), "reason": gate.reason, "at": text_of(gate.at)}
        row = {"server": self._server, "client": client, "endpoint": gate.endpoint}
        self._upsert(GATES, [row | told])
        self.put_capabilities(client, [capability_of(gate)])

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _read(
        self, chosen: sql.Select[tuple[object, ...]], order: tuple[sql.Column[object], ...]
    ) -> Iterator[list[sql.RowMapping]]:
        """Rows in an order that no two share, some thousand at a time; no transaction stays open between."""
        after: tuple[object, ...] | None = None
        while True:
            some = chosen if after is None else chosen.where(sql.tuple_(*order) > sql.tuple_(*after))
            with self._transaction() as connection:
                rows = list(connection.execute(some.order_by(*order).limit(READ_AT_ONCE)).mappings())
            if rows:
                yield rows
            if len(rows) < READ_AT_ONCE:
                return
            after = tuple(rows[-1][column.name] for column in order)

    def _upsert(self, table: sql.Table, rows: Sequence[Mapping[str, object]]) -> None:
        self._put(upsert_into(self._database.dialect, table), rows)

    def _put(self, statement: sql.Insert, rows: Sequence[Mapping[str, object]]) -> None:
        if not rows:
            return
        # In one order, so that two who write at once never wait for each other in a circle.
        keys = [column.name for column in statement.table.primary_key]
        ordered = sorted(rows, key=lambda row: tuple(str(row[key]) for key in keys))
        with self._transaction() as connection:
            connection.execute(statement, ordered)
