"""Takes what tells of somebody out of control state that many machines share."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, bindparam, select

from tunelake.collect.ledger import sql_fields
from tunelake.collect.ledger.sql_tables import METADATA
from tunelake.collect.ledger.sqlalchemy_engine import Database
from tunelake.govern.purge.said import SERVERS, Said, alone
from tunelake.lake.subjects.subject import Subject
from tunelake.publish.sqlalchemy_engine import open_engine, translated, where
from tunelake.publish.sqlalchemy_scrub import scrub, texts

_KNOWN = sql_fields.FIELDS  # its tables are of the same metadata


def erase(url: str, subject: Subject, *, change: bool) -> dict[str, int]:
    """Take out of a database the rows that tell of somebody, and of others what tells of it.

    Args:
        url: The database.
        subject: Who.
        change: Only count when it is not set.

    Returns:
        How many rows were removed or changed, by table.

    Raises:
        ConfigError: The database does not let us in.
        Retryable: It cannot be reached.
        Fatal: It failed.
    """
    Database(url).close()  # makes the tables where they are not
    engine = open_engine(url)
    place = where(engine)
    try:
        with translated(place, "written"):
            with engine.begin() as connection:
                told = [(row[0], row[1]) for row in connection.exec_driver_sql(SERVERS)]
                said = Said(subject, alone(told, subject.source))
                found = {
                    table.name: _table(connection, table, said, change=change)
                    for table in METADATA.sorted_tables
                }
            if change:
                scrub(engine, METADATA, place)
    finally:
        engine.dispose()
    return {name: count for name, count in found.items() if count}


def contents(url: str) -> Iterator[bytes]:
    """Give all rows as texts, for a search.

    Raises as `erase`.
    """
    engine = open_engine(url)
    try:
        with translated(where(engine), "read"):
            yield from texts(engine, METADATA)
    finally:
        engine.dispose()


def _table(connection: Connection, table: Table, said: Said, *, change: bool) -> int:
    keys = [column.name for column in table.primary_key]
    mine = [table.c[name] == bindparam(f"key_{name}") for name in keys]
    rows = connection.execute(select(table)).mappings()
    changes = said.changes(({f"key_{name}": row[name] for name in keys}, dict(row)) for row in rows)
    for place, new in changes if change else ():
        if new is None:
            connection.execute(table.delete().where(*mine), place)
        else:
            connection.execute(table.update().where(*mine).values(new), place)
    return len(changes)
