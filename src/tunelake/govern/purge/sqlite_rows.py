"""Takes what tells of somebody out of the SQLite databases of a home: ledger, jobs, whatever has tables."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from tunelake.errors import Retryable
from tunelake.lake.subjects.subject import Subject

MAGIC = b"SQLite format 3\0"
_WAIT = 30.0
_PAUSE = 0.05
_EDITED = frozenset({"gist", "candidates", "body"})
"""Columns that tell of many things: they lose the part that tells of this one."""
_NAMED = ("asked", "name")


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
    """
    said = _Said(subject)
    found: dict[str, int] = {}
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as database:
            database.execute("begin immediate" if change else "begin")
            for table in _tables(database):
                if count := _table(database, table, said, change=change):
                    found[table] = count
            database.execute("commit")
            if change:
                _forget(database, path)
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) and "busy" not in str(error):
            raise
        raise Retryable(f"{path} is in use all the time ({error}); try again later") from error
    return found


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


def _table(database: sqlite3.Connection, table: str, said: _Said, *, change: bool) -> int:
    quoted = '"' + table.replace('"', '""') + '"'
    columns = [row[1] for row in database.execute(f"pragma table_info({quoted})")]
    keys = [row[1] for row in database.execute(f"pragma table_info({quoted})") if row[5]] or ["rowid"]
    key = ", ".join(f'"{one}"' for one in keys)
    where = " and ".join(f'"{one}" is ?' for one in keys)
    changes: list[tuple[tuple[Any, ...], dict[str, Any] | None]] = []
    for row in database.execute(f"select {key}, * from {quoted}"):  # noqa: S608  (its own tables)
        place, values = row[: len(keys)], dict(zip(columns, row[len(keys) :], strict=True))
        new = said.without(values)
        if new != values:
            changes.append((place, new and {name: one for name, one in new.items() if one != values[name]}))
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


class _Said:
    """What rows of any table say of somebody."""

    def __init__(self, subject: Subject) -> None:
        self._found_in = subject.found_in
        self._long = subject.long
        self._short = frozenset(one for _, _, one in subject.short)
        self._names = frozenset(subject.names)
        self._source = subject.source if subject.kind == "source" else None
        self._user = subject.asked if subject.kind == "user" else None

    def without(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return what is left of a row: the row, one with shorter values, or None."""
        if self._source is not None:
            return None if row.get("source") == self._source else row
        if self._user is not None:
            return None if row.get("user_id") == self._user else row
        left = dict(row)
        for name, value in row.items():
            if not isinstance(value, str | bytes):
                continue
            if name in _EDITED:
                left[name] = self._edited(value, nothing="" if name == "body" else None)
            elif self._tells(name, value if isinstance(value, str) else value.decode(errors="replace")):
                return None
        return left

    def _tells(self, column: str, text: str) -> bool:
        named = column in _NAMED and text in self._names
        whole = column in {"id", "asked", "artist_id"} and text in self._short
        return named or whole or bool(self._found_in(text))

    def _edited(self, value: str | bytes, nothing: str | None) -> str | bytes:
        text = value if isinstance(value, str) else value.decode(errors="replace")
        if not self._found_in(text) and not any(one in text for one in (*self._names, *self._short)):
            return value
        try:
            left = msgspec.json.encode(self._left(msgspec.json.decode(text), nothing))
        except msgspec.DecodeError:
            return "" if isinstance(value, str) else b""
        return left.decode() if isinstance(value, str) else left

    def _left(self, value: Any, nothing: str | None) -> Any:  # noqa: ANN401  any JSON
        if isinstance(value, dict):
            return {name: self._left(one, nothing) for name, one in value.items()}
        if isinstance(value, list):
            kept = [one for one in value if not (isinstance(one, dict | list) and self._is_of(one))]
            return [self._left(one, nothing) for one in kept]
        if isinstance(value, str) and (self._found_in(value) or any(one in value for one in self._names)):
            return nothing
        return value

    def _is_of(self, value: Any) -> bool:  # noqa: ANN401  any JSON
        """An object that tells of it first of all: by its own id, or as a candidate by id and name."""
        of_object = isinstance(value, dict)
        first = value.get("id", value.get("artist_id")) if of_object else next(iter(value), None)
        return isinstance(first, str) and (first in self._short or first in self._long)
