"""Takes what tells of somebody out of the SQLite databases of a home: ledger, jobs, whatever has tables."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tunelake.errors import Fatal, Retryable, Skippable
from tunelake.govern.purge.said import SERVERS, Said, alone
from tunelake.lake.subjects.subject import Subject

MAGIC = b"SQLite format 3\0"
_WAIT = 30.0
_PAUSE = 0.05


def databases(root: Path, skip: Path) -> list[Path]:
    """Find the SQLite files below a folder, those below another left out."""
    found = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_relative_to(skip)]
    return [path for path in found if _is_database(path)]


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except FileNotFoundError:
        return False


def erase(path: Path, subject: Subject, *, change: bool) -> dict[str, int]:
    """Take out of a database the rows that tell of somebody, and of others what tells of it.

    Args:
        path: The file.
        subject: Who.
        change: Only count when it is not set.

    Returns:
        How many rows were removed or changed, by table.

    Raises:
        Retryable: Somebody else writes all the time.
        Fatal: It cannot be written.
    """
    found: dict[str, int] = {}
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as database:
            database.execute("begin immediate" if change else "begin")
            tables = list(_tables(database))
            told = database.execute(SERVERS).fetchall() if "answers" in tables else []
            said = Said(subject, alone(told, subject.source))
            for table in tables:
                if count := _table(database, table, said, change=change):
                    found[table] = count
            database.execute("commit")
            if change:
                _forget(database, path)
    except sqlite3.DatabaseError as error:
        if "locked" not in str(error) and "busy" not in str(error):
            raise Fatal(f"{path} cannot be written anew: {error}") from error
        raise Retryable(f"{path} is in use all the time ({error}); try again later") from error
    return found


def contents(path: Path) -> Iterator[bytes]:
    """Give the rows of a database as texts: a value that fills several pages stands in none of them whole.

    Raises:
        Skippable: It is damaged.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            for table in list(_tables(database)):
                quoted = '"' + table.replace('"', '""') + '"'
                for row in database.execute(f"select * from {quoted}"):  # noqa: S608  (its own tables)
                    yield b"\n".join(_bytes(one) for one in row if isinstance(one, str | bytes))
    except sqlite3.DatabaseError as error:
        raise Skippable(f"{path} cannot be read as a database: {error}") from error


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode(errors="replace")


def _forget(database: sqlite3.Connection, path: Path) -> None:
    """Write the file without free pages, and cut the log beside it."""
    database.execute("vacuum")
    end = time.monotonic() + _WAIT
    while database.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 1:
        if time.monotonic() > end:
            raise Retryable(f"{path} is being read all the time; try again later")
        time.sleep(_PAUSE)


def _tables(database: sqlite3.Connection) -> Iterator[str]:
    query = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    yield from [name for (name,) in database.execute(query)]


def _table(database: sqlite3.Connection, table: str, said: Said, *, change: bool) -> int:
    quoted = '"' + table.replace('"', '""') + '"'
    columns = [row[1] for row in database.execute(f"pragma table_info({quoted})")]
    keys = [row[1] for row in database.execute(f"pragma table_info({quoted})") if row[5]] or ["rowid"]
    key = ", ".join(f'"{one}"' for one in keys)
    where = " and ".join(f'"{one}" is ?' for one in keys)
    rows: Iterator[tuple[Any, ...]] = database.execute(f"select {key}, * from {quoted}")  # noqa: S608  (its own tables)
    changes = said.changes(
        (row[: len(keys)], dict(zip(columns, row[len(keys) :], strict=True))) for row in rows
    )
    for place, new in changes if change else ():
        if new is None:
            database.execute(f"delete from {quoted} where {where}", place)  # noqa: S608  (its own tables)
        else:
            assignments = ", ".join(f'"{name}" = ?' for name in new)
            database.execute(
                f"update {quoted} set {assignments} where {where}",  # noqa: S608  (its own tables)
                (*new.values(), *place),
            )
    return len(changes)
