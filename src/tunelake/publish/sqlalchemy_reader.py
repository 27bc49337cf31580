"""A login that may read the tables that serve and nothing else, for BI tools and analysts."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection

from tunelake.errors import ConfigError
from tunelake.publish.schema import TABLES
from tunelake.publish.sqlalchemy_engine import open_engine, translated, where

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_TABLES = ", ".join(f"{table.name}" for table in TABLES)
_LONGEST_QUERY = "5min"


def grant_reading(url: str, name: str, password: str) -> str:
    """Make a login that reads, or give the one there is this password and these rights.

    Args:
        url: The catalogue, as somebody who may make logins.
        name: Of the login.
        password: Of the login.

    Returns:
        Which database it may read, without any password.

    Raises:
        ConfigError: The database has no logins, or does not let us make this one.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} cannot be a login: take small letters, digits and _")
    engine = open_engine(url)
    place = where(engine)
    if engine.dialect.name == "sqlite":
        raise ConfigError(
            "SQLite has no logins: set TUNELAKE_CATALOGUE_URL to PostgreSQL or MySQL, "
            "or hand out copies of the file"
        )
    if name == engine.url.username:
        raise ConfigError(f"{name!r} is the login that publishes: take another name")
    with translated(place, "opened to a reader"):
        try:
            with engine.begin() as connection:
                give = _on_postgresql if engine.dialect.name == "postgresql" else _on_mysql
                give(connection, name, password, str(engine.url.database))
        finally:
            engine.dispose()
    return place


def _on_postgresql(connection: Connection, name: str, password: str, database: str) -> None:
    run = connection.exec_driver_sql
    found = run(
        "select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = %s", (name,)
    ).first()
    if found and found[0]:
        raise ConfigError(f"{name!r} may do more than read: take another name")
    if not found:
        run(f"create role {name}")
    driver: Any = connection.connection.driver_connection
    # The server gets the password hashed, so that it stands in no log.
    hashed = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    run(f"alter role {name} login nocreatedb nocreaterole noreplication password '{hashed}'")
    run(f"alter role {name} set default_transaction_read_only = on")
    # All queries of one transaction see one set, whatever is published meanwhile.
    run(f"alter role {name} set default_transaction_isolation = 'repeatable read'")
    run(f"alter role {name} set statement_timeout = '{_LONGEST_QUERY}'")
    quoted = connection.dialect.identifier_preparer.quote(database)
    run(f"grant connect on database {quoted} to {name}")
    run(f"revoke all on all tables in schema public from {name}")
    run(f"grant usage on schema public to {name}")
    run(f"grant select on {_TABLES} to {name}")


def _on_mysql(connection: Connection, name: str, password: str, database: str) -> None:
    run = connection.exec_driver_sql
    run(f"create user if not exists '{name}'@'%%' identified by %s", (password,))
    run(f"alter user '{name}'@'%%' identified by %s", (password,))
    run(f"revoke all privileges, grant option from '{name}'@'%%'", ())
    quoted = connection.dialect.identifier_preparer.quote(database)
    for table in TABLES:
        run(f"grant select on {quoted}.{table.name} to '{name}'@'%%'", ())
