"""The bytes of rows that were taken away from the catalogue: each database lets go of them in its own way."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

from sqlalchemy import Engine, MetaData, select

from tunelake.errors import Fatal, Retryable

_WAIT = 30.0  # seconds to wait for readers of a SQLite file
_PAUSE = 0.05
_ROWS = 5_000
_WRITTEN_ANEW = {"postgresql": "vacuum (full) {}", "mysql": "optimize table {}"}


def texts(engine: Engine, tables: MetaData) -> Iterator[bytes]:
    """Give the rows of all our tables as texts."""
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            found = connection.execute(select(table), execution_options={"yield_per": _ROWS})
            yield from (repr(tuple(row)).encode() for row in found)


def scrub(engine: Engine, tables: MetaData, place: str) -> None:
    """Write the tables anew, without the rows that were deleted.

    Raises:
        Retryable: Others use a SQLite file all the time.
        Fatal: There is no space to write it anew.
    """
    if engine.dialect.name == "sqlite":
        _scrub_sqlite(engine, place)
        return
    statement = _WRITTEN_ANEW[engine.dialect.name]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables.sorted_tables:
            quoted = engine.dialect.identifier_preparer.format_table(table)
            connection.exec_driver_sql(statement.format(quoted))


def _scrub_sqlite(engine: Engine, place: str) -> None:
    end = time.monotonic() + _WAIT
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("vacuum")
        # The log beside the file has the pages as they were, until it is cut.
        while cursor.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
            if time.monotonic() > end:
                raise Retryable(f"{place} is being read all the time; try again later")
            time.sleep(_PAUSE)
        cursor.close()
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise Fatal(f"{place} cannot be written anew: {error}; free as much space as it has") from error
        raise Retryable(f"{place} is in use all the time ({error}); try again later") from error
    finally:
        connection.close()
