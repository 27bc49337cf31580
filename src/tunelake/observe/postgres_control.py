"""Ledgers and budgets in a PostgreSQL that machines share, read beside them: no turn is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tunelake.collect.budget.postgres_journal import CONNECT_S, clock_of, lines_of
from tunelake.collect.control import place_of
from tunelake.collect.postgres_errors import told
from tunelake.errors import ConfigError, how_to_install
from tunelake.observe.budgets import BudgetState, replayed
from tunelake.observe.ledgers import counted
from tunelake.observe.status import LedgerState

try:
    import psycopg
except ModuleNotFoundError as problem:
    raise ConfigError(f"install the extra for PostgreSQL: {how_to_install('postgres')}") from problem


def ledgers(url: str, sources: Mapping[str, str]) -> list[LedgerState]:
    """Count what the ledgers hold.

    Args:
        url: Address of the database.
        sources: The sources that are configured, with the bases of their APIs.

    Raises:
        ConfigError: The database does not let us in.
        Retryable: It cannot be reached.
    """
    with _reading(url) as connection:

        def read(query: str) -> list[tuple[Any, ...]]:
            try:
                return connection.execute(query.encode()).fetchall()
            except psycopg.errors.UndefinedTable:
                return []

        return counted(read, sources)


def budgets(url: str, keys: Mapping[str, str]) -> list[BudgetState]:
    """Read the budgets of a database.

    Args:
        url: Its address.
        keys: The budgets that are configured, with the source each is for.

    Raises:
        ConfigError: The database does not let us in.
        Retryable: It cannot be reached.
    """
    found = []
    with _reading(url) as connection:
        for key, source in keys.items():
            try:
                lines = lines_of(connection, key)
            except psycopg.errors.UndefinedTable:
                return []
            if lines and (state := replayed(lines, source, key, clock_of(connection))):
                found.append(state)
    return found


@contextmanager
def _reading(url: str) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_S) as connection:
            connection.execute("set statement_timeout = '15s'")
            connection.execute("set default_transaction_read_only = on")
            yield connection
    except psycopg.Error as error:
        raise told(f"the control database, {place_of(url)},", error) from error
