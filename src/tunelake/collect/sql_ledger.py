"""The ledger on SQL (SQLAlchemy Core): SQLite here. One database holds the ledgers of many servers.

SQLAlchemy takes a second to import, so this module is imported only where a ledger is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec
import sqlalchemy as sql
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from tunelake.collect.ports import Answered, Candidate, Cooldown, Want
from tunelake.domain.states import State
from tunelake.errors import ConfigError

AT_ONCE = 500  # parameters of one SELECT; SQLite's oldest limit is 999

_METADATA = sql.MetaData()
_ANSWERS = sql.Table(
    "answers",
    _METADATA,
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
_WANTS = sql.Table(
    "wants",
    _METADATA,
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
_COOLDOWNS = sql.Table(
    "cooldowns",
    _METADATA,
    sql.Column("server", sql.Text, primary_key=True),
    sql.Column("until", sql.Text, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
)
_LOOKUP = sql.select(_ANSWERS).where(_ANSWERS.c.fingerprint.in_(sql.bindparam("names", expanding=True)))


class SqlLedger:
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
                _METADATA.create_all(connection)
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
                found.update((row["fingerprint"], _answer(row)) for row in rows.mappings())
        return found

    def record(self, answers: Sequence[Answered]) -> None:
        """Remember answers, all or none; newer replace older."""
        rows = [
            {
                **msgspec.structs.asdict(answer),
                "server": self._server,
                "state": str(answer.state),
                "fetched_at": _text(answer.fetched_at),
            }
            for answer in answers
        ]
        self._upsert(_ANSWERS, rows)

    def put_wants(self, wants: Sequence[Want], at: datetime) -> None:
        """Remember what became of wants, by kind and text asked."""
        rows = [
            {
                **msgspec.structs.asdict(want),
                "server": self._server,
                "state": str(want.state),
                "candidates": msgspec.json.encode(want.candidates).decode(),
                "first_asked_at": _text(at),
                "updated_at": _text(at),
            }
            for want in wants
        ]
        self._upsert(_WANTS, rows, keep=("first_asked_at",))

    def wants(self, kind: str) -> list[Want]:
        """Everything ever wanted of a kind, in the order first asked."""
        chosen = (
            sql.select(_WANTS)
            .where(_WANTS.c.server == self._server, _WANTS.c.kind == kind)
            .order_by(_WANTS.c.first_asked_at, sql.literal_column("rowid"))
        )
        with self._transaction() as connection:
            return [_want(row) for row in connection.execute(chosen).mappings()]

    def cooldown(self) -> Cooldown | None:
        """The last cooldown, whether over or not."""
        chosen = sql.select(_COOLDOWNS).where(_COOLDOWNS.c.server == self._server)
        with self._transaction() as connection:
            row = connection.execute(chosen).mappings().first()
        return Cooldown(_time(row["until"]), row["reason"]) if row else None

    def put_cooldown(self, cooldown: Cooldown) -> None:
        """Remember until when nothing may be sent."""
        row = {"server": self._server, "until": _text(cooldown.until), "reason": cooldown.reason}
        self._upsert(_COOLDOWNS, [row])

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _upsert(
        self, table: sql.Table, rows: Sequence[Mapping[str, object]], keep: tuple[str, ...] = ()
    ) -> None:
        if not rows:
            return
        with self._transaction() as connection:
            connection.execute(_upsert_into(table, keep), rows)

    @contextmanager
    def _transaction(self) -> Iterator[sql.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise ConfigError(
                f"the control database {self._path} cannot be used ({error.orig}): "
                "if it is damaged, move it away; the tables are not touched, only what is known to be fresh "
                "is asked for again"
            ) from error


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Write-ahead log: readers do not wait, and a commit costs one append."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # The landing log is the truth; an answer lost here in a power cut is asked for again.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


@cache
def _upsert_into(table: sql.Table, keep: tuple[str, ...]) -> sql.Insert:
    statement = insert(table)
    new = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key and column.name not in keep
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _answer(row: sql.RowMapping) -> Answered:
    fields = {name: row[name] for name in Answered.__struct_fields__}
    return Answered(**fields | {"state": State(row["state"]), "fetched_at": _time(row["fetched_at"])})


def _want(row: sql.RowMapping) -> Want:
    fields = {name: row[name] for name in Want.__struct_fields__}
    candidates = msgspec.json.decode(row["candidates"], type=tuple[Candidate, ...])
    return Want(**fields | {"state": State(row["state"]), "candidates": candidates})
