"""The ledger on SQL (SQLAlchemy Core): SQLite here. One database holds the ledgers of many servers.

SQLAlchemy takes a second to import, so this module is imported only where a ledger is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
import sqlalchemy as sql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateTable

from tunelake.collect.entities import Entity, Sight, merged
from tunelake.collect.ledger.sql_ledger_view import SqlLedgerView
from tunelake.collect.ledger.sql_tables import (
    ANSWERS,
    COOLDOWNS,
    ENTITIES,
    GATES,
    METADATA,
    WANTS,
    answer_of,
    entity_of,
    entity_row,
    text_of,
    time_of,
    upsert_into,
    want_of,
)
from tunelake.collect.ports import Answered, Cooldown, Gate, Want
from tunelake.domain.states import State
from tunelake.errors import ConfigError

AT_ONCE = 500  # parameters of one SELECT; SQLite's oldest limit is 999

_LOOKUP = sql.select(ANSWERS).where(ANSWERS.c.fingerprint.in_(sql.bindparam("names", expanding=True)))
_SEEN = sql.select(ENTITIES).where(
    ENTITIES.c.server == sql.bindparam("server"),
    ENTITIES.c.kind == sql.bindparam("kind"),
    ENTITIES.c.id.in_(sql.bindparam("ids", expanding=True)),
)


class SqlLedger(SqlLedgerView):
    """One server's ledger in a database file; close it when done."""

    def __init__(self, path: Path, server: str) -> None:
        """Open, and make the tables where they are not.

        Args:
            path: The database file; its folder must be there.
            server: The base of the API whose answers these are.

        Raises:
            ConfigError: The file cannot be opened or is no database.
        """
        self._path = path
        self._server = server
        self._engine = sql.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        sql.event.listen(self._engine, "connect", _prepare)
        try:
            with self._transaction() as connection:
                for table in METADATA.sorted_tables:
                    # Not create_all, which looks first: two that open a new home at once would both make it.
                    connection.execute(CreateTable(table, if_not_exists=True))
        except ConfigError:
            self._engine.dispose()
            raise

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

    def put_wants(self, wants: Sequence[Want], at: datetime) -> None:
        """Remember what became of wants, by kind and text asked."""
        rows = [
            {
                **msgspec.structs.asdict(want),
                "server": self._server,
                "state": str(want.state),
                "candidates": msgspec.json.encode(want.candidates).decode(),
                "first_asked_at": text_of(at),
                "updated_at": text_of(at),
            }
            for want in wants
        ]
        self._upsert(WANTS, rows, keep=("first_asked_at",))

    def wants(self, kind: str) -> list[Want]:
        """Everything ever wanted of a kind, in the order first asked."""
        chosen = (
            sql.select(WANTS)
            .where(WANTS.c.server == self._server, WANTS.c.kind == kind)
            .order_by(WANTS.c.first_asked_at, sql.literal_column("rowid"))
        )
        with self._transaction() as connection:
            return [want_of(row) for row in connection.execute(chosen).mappings()]

    def see(self, sights: Sequence[Sight]) -> None:
        """Add what was learned to what is known of things, all or none."""
        if not sights:
            return
        with self._transaction() as connection:
            known: dict[tuple[str, str], Entity] = {}
            for kind in {sight.kind for sight in sights}:
                ids = [sight.id for sight in sights if sight.kind == kind]
                for start in range(0, len(ids), AT_ONCE):
                    some = {"server": self._server, "kind": kind, "ids": ids[start : start + AT_ONCE]}
                    found = map(entity_of, connection.execute(_SEEN, some).mappings())
                    known.update(((kind, entity.id), entity) for entity in found)
            told: dict[tuple[str, str], Entity] = {}
            for sight in sights:
                key = (sight.kind, sight.id)
                told[key] = merged(told.get(key, known.get(key)), sight)
            rows = [
                entity_row(entity, self._server) for key, entity in told.items() if entity != known.get(key)
            ]
            if rows:
                connection.execute(upsert_into(ENTITIES), rows)

    def entities(self, kind: str) -> list[Entity]:
        """Everything known of things of a kind, in the order of their ids."""
        chosen = sql.select(ENTITIES).where(ENTITIES.c.server == self._server, ENTITIES.c.kind == kind)
        with self._transaction() as connection:
            return [entity_of(row) for row in connection.execute(chosen.order_by(ENTITIES.c.id)).mappings()]

    def owed(self) -> list[Entity]:
        """Every thing of which something is still owed, in the order of kind and id."""
        chosen = sql.select(ENTITIES).where(
            ENTITIES.c.server == self._server,
            ENTITIES.c.state.in_([str(state) for state in State if state.is_gap])
            | (ENTITIES.c.total != ENTITIES.c.seen),
        )
        ordered = chosen.order_by(ENTITIES.c.kind, ENTITIES.c.id)
        with self._transaction() as connection:
            entities = [entity_of(row) for row in connection.execute(ordered).mappings()]
        return [entity for entity in entities if entity.owed]

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

    def cooldown(self) -> Cooldown | None:
        """The last cooldown, whether over or not."""
        chosen = sql.select(COOLDOWNS).where(COOLDOWNS.c.server == self._server)
        with self._transaction() as connection:
            row = connection.execute(chosen).mappings().first()
        return Cooldown(time_of(row["until"]), row["reason"]) if row else None

    def put_cooldown(self, cooldown: Cooldown) -> None:
        """Remember until when nothing may be sent."""
        row = {"server": self._server, "until": text_of(cooldown.until), "reason": cooldown.reason}
        self._upsert(COOLDOWNS, [row])

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _upsert(
        self, table: sql.Table, rows: Sequence[Mapping[str, object]], keep: tuple[str, ...] = ()
    ) -> None:
        if not rows:
            return
        with self._transaction() as connection:
            connection.execute(upsert_into(table, keep), rows)

    @contextmanager
    def _transaction(self) -> Iterator[sql.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise ConfigError(
                f"the control database {self._path} cannot be used ({error.orig}): "
                "if it is damaged, move it away, or let `tunelake ledger --rebuild` make it anew from the "
                "answers that are kept; no table is touched"
            ) from error


def put_aside(path: Path, at: datetime) -> Path | None:
    """Move a database away, with what belongs to it; returns where it is now, None when there was none.

    Raises:
        ConfigError: It cannot be moved.
    """
    aside = path.with_name(f"{path.name}.{at:%Y%m%dT%H%M%S}")
    try:
        for suffix in ("-wal", "-shm", ""):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise ConfigError(f"cannot move {path} away: {error.strerror}") from error
    return aside if aside.exists() else None


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Write-ahead log: readers do not wait, and a commit costs one append."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # The landing log is the truth; an answer lost here in a power cut is asked for again.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
