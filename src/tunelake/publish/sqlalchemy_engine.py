"""Connections to the databases that SQLAlchemy reaches, and their errors in our words."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from tunelake.errors import ConfigError, Fatal, Retryable, how_to_install

_DRIVERS = {
    "sqlite": ("sqlite", "sqlite3", ""),
    "postgresql": ("postgresql+psycopg", "psycopg", "postgres"),
    "postgres": ("postgresql+psycopg", "psycopg", "postgres"),
    "mysql": ("mysql+pymysql", "pymysql", "mysql"),
    "mariadb": ("mysql+pymysql", "pymysql", "mysql"),
}
WRITES = "tunelake_writes"
"""Option of a connection that is to write: SQLite lets one writer in at a time, from the beginning on."""

_WAIT = 30  # seconds to wait for a connection, or for another writer
_LET_IN = re.compile(
    r"password authentication failed|no password supplied|access denied|does not exist|unknown database"
    r"|permission denied|command denied|not permitted|role .* is not|no pg_hba.conf entry"
    r"|unable to open database file|readonly database|file is not a database|name or service not known"
    r"|could not translate host name|can't connect .*getaddrinfo",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"disk is full|no space left|disk full|could not extend file|table .* is full|no more room"
    r"|quota exceeded|exceeds temp_file_limit",
    re.IGNORECASE,
)


def open_engine(url: str) -> Engine:
    """Make an engine; nothing is connected yet.

    Args:
        url: "sqlite:PATH", "postgresql://USER:PASSWORD@HOST/DATABASE" or "mysql://..." alike.

    Raises:
        ConfigError: The address cannot be understood, or what it needs is not installed.
    """
    kind = url.partition(":")[0].lower()
    if kind not in _DRIVERS:
        raise ConfigError(
            f"a catalogue in {kind or 'nothing'!r} is not known; there are {', '.join(_DRIVERS)}"
        )
    driver, module, extra = _DRIVERS[kind]
    try:
        if kind == "sqlite":
            return _sqlite(Path(url.removeprefix("sqlite:").removeprefix("//")))
        parsed = make_url(url).set(drivername=driver)
        return create_engine(parsed, pool_pre_ping=True, connect_args=_arguments(parsed))
    except ModuleNotFoundError as error:
        raise ConfigError(f"{module} is not installed: {how_to_install(extra)}") from error
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise ConfigError(f"the address of the catalogue cannot be understood: {kind}://...") from error


def _arguments(url: URL) -> dict[str, Any]:
    waiting: dict[str, Any] = {"connect_timeout": _WAIT}
    if url.get_backend_name() == "postgresql":
        return waiting | {"application_name": "tunelake"}
    return waiting | {"charset": "utf8mb4"}


def _sqlite(path: Path) -> Engine:
    """SQLite, with transactions that begin when told, keys that are followed, readers that never wait."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": _WAIT, "isolation_level": None}
    )

    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma journal_mode = wal")

    def begins(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begins)
    return engine


def where(engine: Engine) -> str:
    """Name a database for people, without its password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=True)


@contextmanager
def translated(place: str, doing: str) -> Iterator[None]:
    """Tell errors of the database in our words, without the statement and the links of the library.

    Raises:
        ConfigError: The database does not let us in.
        Retryable: It cannot be reached, or is busy.
        Fatal: It refused what we wrote, or has no space.
    """
    try:
        yield
    except DBAPIError as error:
        raise _told(f"{place} cannot be {doing}", error) from error
    except SQLAlchemyError as error:
        raise Fatal(f"{place} cannot be {doing}: {error}") from error


def _told(what: str, error: DBAPIError) -> ConfigError | Retryable | Fatal:
    said = " ".join(str(error.orig).split())
    if _LET_IN.search(said):
        return ConfigError(f"{what}: {said}")
    if _FULL.search(said):
        return Fatal(
            f"{what}: {said}; it serves what it did before. Make room there, then run `tunelake publish`"
        )
    if error.connection_invalidated or type(error).__name__ in {"OperationalError", "InterfaceError"}:
        return Retryable(f"{what} now: {said}")
    return Fatal(f"{what}: {said}")
