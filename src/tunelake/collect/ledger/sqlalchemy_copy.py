"""Takes a ledger from one database to another, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from tunelake.collect.ledger.sql_tables import METADATA
from tunelake.collect.ledger.sqlalchemy_engine import Database
from tunelake.errors import ConfigError, Fatal

_AT_ONCE = 2000


def copy_ledger(source: Path | str, target: Path | str, progress: Callable[[int], None]) -> dict[str, int]:
    """Copy every row; done again, it changes nothing.

    Args:
        source: Where the ledger is.
        target: Where it goes; empty, or with these very rows.
        progress: Told how many rows were read.

    Returns:
        How many rows each table has, in both.

    Raises:
        ConfigError: A database cannot be used, or the target holds something else.
        Fatal: What was written is not what was read; the target is as it was.
    """
    found: dict[str, int] = {}
    old, new = Database(source), Database(target)
    try:
        with old.transaction() as reading, new.transaction() as writing:
            for table in METADATA.sorted_tables:
                done = sum(found.values())
                is_empty = not _all(writing, table)
                for rows in _batches(reading, table) if is_empty else ():
                    writing.execute(sql.insert(table), rows)
                    done += len(rows)
                    progress(done)
                kept = _all(reading, table)
                if kept != _all(writing, table):
                    wrong = Fatal if is_empty else ConfigError
                    raise wrong(
                        f"the table {table.name} of the ledger is not the same in both databases: "
                        "name a database without a ledger"
                    )
                found[table.name] = sum(kept.values())
    finally:
        old.close()
        new.close()
    return found


def _batches(connection: sql.Connection, table: sql.Table) -> Iterator[list[dict[str, Any]]]:
    for part in connection.execute(sql.select(table)).mappings().partitions(_AT_ONCE):
        yield [dict(row) for row in part]


def _all(connection: sql.Connection, table: sql.Table) -> dict[int, int]:
    """Count the rows by their hash: the order in which databases give them is their own."""
    hashes: dict[int, int] = {}
    for part in connection.execute(sql.select(table)).partitions(_AT_ONCE):
        for row in part:
            one = hash(tuple(row))
            hashes[one] = hashes.get(one, 0) + 1
    return hashes
