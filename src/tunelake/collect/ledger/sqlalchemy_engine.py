"""The database of a ledger: a file of SQLite, or a PostgreSQL that many machines share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shutil import disk_usage

import sqlalchemy as sql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

from tunelake.collect.control import place_of
from tunelake.collect.ledger.sql_tables import METADATA
from tunelake.collect.postgres_errors import told
from tunelake.errors import ConfigError, Fatal, TunelakeError, how_to_install

LEAST_ROOM = 65_536
"""Bytes."""
_PATIENTLY = {"connect_timeout": 5, "application_name": "tunelake", "tcp_user_timeout": 15_000}
_MAKING = 0x74756E65
"""The lock under which tables are made in PostgreSQL, where two that do it at once disturb each other."""


class Database:
    """A database with the tables of a ledger; close it when done.

    Attributes:
        dialect: "sqlite" or "postgresql".
    """

    def __init__(self, where: Path | str) -> None:
        """Open, and make the tables where they are not.

        Args:
            where: A file, whose folder must be there; or the address of a database.

        Raises:
            ConfigError: It cannot be opened or is no database.
            Retryable: It cannot be reached now.
        """
        self._engine = _engine(where)
        self._name = str(where) if isinstance(where, Path) else place_of(where)
        self.dialect = self._engine.dialect.name
        try:
            self._make()
        except TunelakeError:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sql.Connection]:
        """All or none of what is done inside.

        Raises:
            ConfigError: The database cannot be used.
            Retryable: It cannot be reached now.
            Fatal: There is no space for it.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            if "disk is full" in str(error.orig) or self._crowded():
                raise Fatal(
                    f"no space left for {self._name}: free some, then run the same command again"
                ) from error
            if self.dialect == "postgresql":
                raise told(f"the control database, {self._name},", error.orig or error) from error
            raise ConfigError(self._trouble(str(error.orig).strip())) from error

    def close(self) -> None:
        """Let go of files and connections."""
        self._engine.dispose()

    def _make(self) -> None:
        with self.transaction() as connection:
            if self.dialect == "postgresql":
                connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_MAKING)))
            for table in METADATA.sorted_tables:
                # Not create_all, which looks first: two that open a new home at once would both make it.
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda one: str(one.name)):
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def _crowded(self) -> bool:
        """Whether the disk has no room, which SQLite may tell in other words."""
        folder = Path(self._engine.url.database or ".").parent
        return self.dialect == "sqlite" and folder.is_dir() and disk_usage(folder).free < LEAST_ROOM

    def _trouble(self, reason: str) -> str:
        return (
            f"the control database {self._name} cannot be used ({reason}): "
            "if it is damaged, move it away, or let `tunelake ledger --rebuild` make it anew from the "
            "answers that are kept; no table is touched"
        )


def put_aside(path: Path, at: datetime) -> Path | None:
    """Move a database file away, with what belongs to it; returns where it is now, None when there was none.

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


def is_damaged(path: Path) -> bool:
    """Whether a file is no database of SQLite that can be read whole; one that is not there is well."""
    if not path.exists():
        return False
    engine = sql.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    try:
        with engine.connect() as connection:
            return connection.execute(sql.text("PRAGMA quick_check")).scalar() != "ok"
    except DatabaseError as error:
        # Another process may hold it; then it can be used.
        return not isinstance(error, OperationalError)
    finally:
        engine.dispose()


def _engine(where: Path | str) -> sql.Engine:
    if isinstance(where, Path):
        engine = sql.create_engine(f"sqlite:///{where}", connect_args={"timeout": 30})
        sql.event.listen(engine, "connect", _prepare)
        return engine
    try:
        url = sql.make_url(where)
        if url.get_backend_name() != "postgresql":
            raise ConfigError(f"a control database is a PostgreSQL or a file, not {url.drivername}")
        return sql.create_engine(
            url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=_PATIENTLY
        )
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError("the address of the control database is not postgresql://user@host/name") from error
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"a control database in PostgreSQL needs the extra for it: {how_to_install('postgres')}"
        ) from error


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Write-ahead log: readers do not wait, and a commit costs one append."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # The landing log is the truth; an answer lost here in a power cut is asked for again.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
