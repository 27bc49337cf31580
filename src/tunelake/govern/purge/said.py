"""What a row of any table of control state says of somebody: all of it goes, or a part of a value. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

import msgspec

from tunelake.lake.subjects.subject import Subject

Key = TypeVar("Key")
_EDITED = frozenset({"gist", "candidates", "body"})
"""Columns that tell of many things: they lose the part that tells of this one."""
_NAMED = ("asked", "name")
SERVERS = "select distinct source, server from answers"
"""Tells which servers answered for which sources."""


def alone(found: Iterable[tuple[str, str]], source: str) -> set[str]:
    """Name the servers that answered for one source and no other, of pairs of source and server."""
    pairs = set(found)
    return {server for of, server in pairs if of == source} - {server for of, server in pairs if of != source}


class Said:
    """What rows of any table say of somebody."""

    def __init__(self, subject: Subject, servers: Collection[str] = ()) -> None:
        """Prepare.

        Args:
            subject: Who.
            servers: Of a source: the servers that answered for nothing else.
        """
        self._servers = frozenset(servers)
        self._found_in = subject.found_in
        self._long = subject.long
        self._short = frozenset(one for _, _, one in subject.short)
        self._names = frozenset(subject.names)
        self._source = subject.source if subject.kind == "source" else None
        self._user = subject.asked if subject.kind == "user" else None

    def without(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return what is left of a row: the row, one with shorter values, or None."""
        if self._source is not None:
            things = row.get("server") in self._servers and ("asked" in row or "id" in row)
            return None if things or row.get("source") == self._source else row
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
        return self._asked_again(row, left)

    def changes(self, rows: Iterable[tuple[Key, dict[str, Any]]]) -> list[tuple[Key, dict[str, Any] | None]]:
        """Say what becomes of rows that tell of somebody.

        Args:
            rows: Each with the key it is found by.

        Returns:
            The keys of those rows, each with the values that are others now, or None for a row that goes.
        """
        changed: list[tuple[Key, dict[str, Any] | None]] = []
        for key, row in rows:
            left = self.without(row)
            if left != row:
                changed.append((key, left and {name: one for name, one in left.items() if one != row[name]}))
        return changed

    @staticmethod
    def _asked_again(row: dict[str, Any], left: dict[str, Any]) -> dict[str, Any] | None:
        """Of an answer that was cut nothing says that it still holds; a search for a name is forgotten."""
        if "gist" not in row or left["gist"] == row["gist"]:
            return left
        return None if row["endpoint"] == "search" else left | {"etag": ""}

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
