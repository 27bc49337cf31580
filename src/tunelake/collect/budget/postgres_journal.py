"""A journal in a PostgreSQL that many machines share: rows of lines, and advisory locks.

Who has locked a journal's number has the turn, for one short transaction. Every reader holds a lock of its
own for as long as it is connected; the server frees both however a process ends. A turn is two round trips.
What cannot be written is not made: without the database nobody gets leave to send.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from tunelake.collect.budget.journal import Ticks
from tunelake.collect.control import place_of
from tunelake.collect.postgres_errors import told
from tunelake.errors import ConfigError, TunelakeError, how_to_install

try:
    import psycopg
    from psycopg import sql
except ModuleNotFoundError as problem:
    raise ConfigError(
        f"a control database in PostgreSQL needs the extra for it: {how_to_install('postgres')}"
    ) from problem

CONNECT_S = 5
PATIENCE_S = 10.0
# What it warns of is told by the errors that follow.
logging.getLogger("psycopg").setLevel(logging.ERROR)
_TURNS, _READERS, _MAKING = 0x74756E65, 0x74756E66, 0x74756E67
"""Kinds of advisory locks, so that they meet no others of the same database."""
_BOOT = "the clock of the database"
_SESSION = (
    "set statement_timeout = '15s'",
    # Who is cut off is noticed, so that what it had in flight can be buried.
    "set tcp_keepalives_idle = 20",
    "set tcp_keepalives_interval = 5",
    "set tcp_keepalives_count = 4",
)
_MAKE = """
create table if not exists budget_moves (
  key text not null, epoch bigint not null, number bigint not null, lines bytea not null,
  primary key (key, epoch, number)
)
"""
_NEWS = """
select epoch, number, lines from budget_moves
where key = {} and (epoch, number) > ({}, {}) order by epoch, number
"""
# Several statements go at once, in the simple protocol: a pipeline would keep the server from noticing that
# somebody is stopped in the middle of a turn.
# Read committed, whatever the database's default is: the news are those of after the lock.
_TAKE = sql.SQL(
    "begin isolation level read committed; select pg_advisory_xact_lock({}, {}); " + _NEWS + "; select {}"
)
_WRITE = sql.SQL("insert into budget_moves (key, epoch, number, lines) values ({}, {}, {}, {})")
_CLOCK = "extract(epoch from clock_timestamp())::float8"
_ALIVE = """
select 1 from pg_locks join pg_database on pg_database.oid = database
where locktype = 'advisory' and datname = current_database() and classid = %s and objid = %s and granted
limit 1
"""


class PostgresJournal:
    """One reader of a journal in a database; when it was cut off, it connects again."""

    def __init__(self, url: str, key: str, ticks: Callable[[], Ticks] | None = None) -> None:
        """Connect, and make the table where it is not.

        Args:
            url: Address of the database, "postgresql://USER:PASSWORD@HOST/DATABASE".
            key: Which journal.
            ticks: Reads the clock; None takes the clock of the database.

        Raises:
            ConfigError: The database does not let us in.
            Retryable: It cannot be reached.
        """
        self._url, self._place = url, place_of(url)
        self._key, self._number = key, _number(key)
        self._ticks = ticks
        self._reader = secrets.randbits(31)
        self._connection: psycopg.Connection | None = None
        self._epoch = self._read = 0
        self._news: tuple[Sequence[bytes], bool] = ((), False)
        self._now = 0.0
        self._written: list[tuple[int, int, bytes]] = []
        self._secure = self._anew = False
        try:
            with self._told():
                self._connected()
        except TunelakeError:
            self.close()
            raise

    @property
    def name(self) -> str:
        """Where it is, for people; without the password."""
        return f"the budget {self._key} in {self._place}"

    @property
    def me(self) -> str:
        """The number that this reader has locked."""
        return str(self._reader)

    @contextmanager
    def turn(self) -> Iterator[PostgresJournal]:
        """Have a turn when nobody else has; what is written is there when it ends well, or not at all."""
        try:
            with self._told():
                self._begin()
                yield self
                self._end()
        except BaseException:
            # Whether it was written is not known, so everything is read again.
            self._forget()
            raise

    def news(self) -> tuple[Sequence[bytes], bool]:
        """What was written since the last turn."""
        return self._news

    def ticks(self) -> Ticks:
        """Read the clock of the database, which all machines share."""
        return self._ticks() if self._ticks else _ticks(self._now)

    def write(self, lines: bytes, *, secure: bool = False) -> None:
        """Add lines."""
        self._read += 1
        self._written.append((self._epoch, self._read, lines))
        self._secure = self._secure or secure

    def begin(self, line: bytes) -> None:
        """Begin the journal anew."""
        self._epoch, self._read, self._anew = self._epoch + 1, 1, True
        self._written = [(self._epoch, 1, line)]

    def alive(self, who: str) -> bool:
        """Whether another reader still holds its lock."""
        if who == self.me:
            return True
        with self._told():
            return self._connected().execute(_ALIVE, (_READERS, int(who))).fetchone() is not None

    def close(self) -> None:
        """Disconnect, and so let go of all locks."""
        if self._connection:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    def _begin(self) -> None:
        """Take the turn and read the news; a connection that was cut while it was idle is made anew, once."""
        was_idle = self._connection is not None
        try:
            self._take(self._connected())
        except psycopg.OperationalError:
            if not was_idle or not self._cut:
                raise
            self._forget()
            self._take(self._connected())

    @property
    def _cut(self) -> bool:
        return self._connection is None or self._connection.broken or self._connection.closed

    def _take(self, connection: psycopg.Connection) -> None:
        told = connection.execute(
            _TAKE.format(_TURNS, self._number, self._key, self._epoch, self._read, sql.SQL(_CLOCK))
        )
        told.nextset()
        told.nextset()
        rows = told.fetchall()
        told.nextset()
        self._now = float(told.fetchall()[0][0])
        fresh = self._read == 0 or (bool(rows) and rows[0][0] != self._epoch)
        if rows:
            self._epoch, self._read = rows[-1][:2]
        self._news = [line for row in rows for line in bytes(row[2]).splitlines()], fresh

    def _end(self) -> None:
        connection = self._connected()
        steps: list[sql.Composable] = []
        if self._written and not self._secure:
            # What a crash of the server may cost is a moment of moves that set no ban.
            steps.append(sql.SQL("set local synchronous_commit = off"))
        if self._anew:
            steps.append(sql.SQL("delete from budget_moves where key = {}").format(self._key))
        steps += [_WRITE.format(self._key, *row) for row in self._written]
        connection.execute(sql.SQL("; ").join([*steps, sql.SQL("commit")]))
        self._written, self._secure, self._anew = [], False, False

    def _connected(self) -> psycopg.Connection:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=CONNECT_S,
                application_name="tunelake",
                keepalives_idle=20,
                keepalives_interval=5,
                keepalives_count=4,
                tcp_user_timeout=15_000,
            )
            # Who is stopped in the middle of a turn loses it, a little before the others give up.
            limits = sql.SQL("set lock_timeout = {}; set idle_in_transaction_session_timeout = {}")
            self._connection.execute(limits.format(f"{PATIENCE_S + 1:g}s", f"{PATIENCE_S:g}s"))
            for setting in _SESSION:
                self._connection.execute(setting)
            self._make(self._connection)
            # Shared, since the server may not have noticed yet that the connection before this was cut.
            self._connection.execute("select pg_advisory_lock_shared(%s, %s)", (_READERS, self._reader))
        return self._connection

    def _make(self, connection: psycopg.Connection) -> None:
        # Looked at first: who may not make tables may still use them.
        found = connection.execute("select to_regclass('budget_moves')").fetchone()
        if found and found[0] is None:
            with connection.transaction():
                connection.execute("select pg_advisory_xact_lock(%s, 0)", (_MAKING,))
                connection.execute(_MAKE)

    def _forget(self) -> None:
        """Give up the connection and what was read by it."""
        self.close()
        self._epoch = self._read = 0
        self._written, self._secure, self._anew = [], False, False

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise told(self.name, error, "nothing is sent until it can be used") from error


def lines_of(connection: psycopg.Connection, key: str) -> list[bytes]:
    """Read a whole journal, without a turn."""
    rows = connection.execute(sql.SQL(_NEWS).format(key, 0, 0)).fetchall()
    return [line for row in rows for line in bytes(row[2]).splitlines()]


def clock_of(connection: psycopg.Connection) -> Ticks:
    """Read the clock that the readers of a journal go by."""
    now = connection.execute(f"select {_CLOCK}").fetchone()
    return _ticks(float(now[0]) if now else 0.0)


def _ticks(now: float) -> Ticks:
    return Ticks(boot=_BOOT, seconds=now, wall=now)


def _number(key: str) -> int:
    """A number for a journal, as locks want it."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), signed=True)
