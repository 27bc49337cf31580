"""The body of an answer without what it says of somebody: JSON less their objects, as long as before. Pure.

An object that is theirs leaves its list, or becomes null where it is a value; a text that names one of their
ids, and a name that is theirs alone where an artist is named, become empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from tunelake.domain.pages import Page
from tunelake.lake.subjects.subject import Subject, kind_of

_IDENTIFIES = ("id", "uri", "key")
_WITH_ARTIST = ("artist", "artist-credit")
_UPLOAD = "upload/"
_PLAYS = "upload/listens"
_GONE: Any = object()


def without(page: Page, subject: Subject) -> bytes | None:
    """Take out of a page's body what it says of somebody.

    Args:
        page: With its body: JSON, or lines of JSON.
        subject: Who.

    Returns:
        The rest, filled up with spaces to the same length; the body itself when it says nothing; None when
        nothing of it can stay.
    """
    body, cut = page.body, _Cut(subject, page)
    try:
        rest = _lines(body, cut) if page.endpoint.startswith(_UPLOAD) else _json(body, cut)
    except (msgspec.DecodeError, RecursionError):
        return None if any(re.search(told.encode(), body) for told in subject.told) else body
    if not cut.found:
        return body
    if rest is None or len(rest) > len(body):
        return None
    # Lines stay lines: what fills them up is at the end of the last.
    end = b"\n" if rest.endswith(b"\n") else b""
    return rest.removesuffix(end).ljust(len(body) - len(end)) + end


def _json(body: bytes, cut: _Cut) -> bytes | None:
    rest = cut.value(msgspec.json.decode(body), "")
    return None if rest is _GONE else msgspec.json.encode(rest)


def _lines(body: bytes, cut: _Cut) -> bytes | None:
    """Lines of JSON are rows of a file: one that says something goes as a whole."""
    kept: list[bytes] = []
    for line in body.splitlines():
        before = cut.found
        cut.value(msgspec.json.decode(line), "")
        if cut.found == before:
            kept.append(line)
    return b"".join(line + b"\n" for line in kept) if kept else None


class _Cut:
    """Takes things out of decoded JSON and counts them."""

    def __init__(self, subject: Subject, page: Page) -> None:
        self.found = 0
        self._long = subject.long
        self._short = frozenset((kind, one) for kind, source, one in subject.short if source == page.source)
        by_name = page.endpoint.startswith(_UPLOAD) and page.endpoint != _PLAYS
        self._names = frozenset([*subject.names, *(subject.made if by_name else ())])
        self._found_in = subject.found_in
        self._alone = subject.alone
        self._fields = dict(_fields(page))
        self._least = min(map(len, [*self._long, *self._names, *(one for _, one in self._short)]), default=0)

    def value(self, value: Any, key: str) -> Any:  # noqa: ANN401  any JSON
        """Return what is left of a value, `_GONE` for nothing."""
        if isinstance(value, dict):
            return self._object(value, key)
        if isinstance(value, list):
            # Most lists are of many short words, such as markets.
            if all(isinstance(one, str) and len(one) < self._least for one in value):
                return value
            kept = [self._element(one, key) for one in value]
            return [one for one in kept if one is not _GONE]
        return self._text(value, key) if isinstance(value, str) else value

    def _object(self, said: dict[str, Any], key: str) -> Any:  # noqa: ANN401  any JSON
        if self._is_theirs(said):
            self.found += 1
            return _GONE
        rest = {}
        for name, one in said.items():
            if name in self._long:
                self.found += 1
                continue
            left = self.value(one, name)
            rest[name] = None if left is _GONE else left
        # An album stays for the track of others that it holds.
        if self._alone and key != "album" and said.get("artists") and rest.get("artists") == []:
            return _GONE if "id" in said else rest
        return rest

    def _is_theirs(self, said: dict[str, Any]) -> bool:
        for name, one in said.items():
            if not isinstance(one, str) or not name.lower().endswith(_IDENTIFIES):
                continue
            plain = one.rpartition(":")[2]
            kind = kind_of(self._fields.get(name, name)) or str(said.get("type", ""))
            whole = {one, plain} & self._long
            if whole or {(kind, one), (kind, plain)} & self._short:
                return True
        return False

    def _element(self, one: Any, key: str) -> Any:  # noqa: ANN401  any JSON
        left = self.value(one, key)
        if isinstance(one, dict) and isinstance(left, dict):
            # A relation to an artist, or a place in a credit, is nothing without the artist.
            lost = any(isinstance(one.get(name), dict) and left.get(name) is None for name in _WITH_ARTIST)
            return _GONE if lost else left
        return _GONE if isinstance(one, str) and left is None else left

    def _text(self, text: str, key: str) -> str | None:
        if len(text) < self._least:
            return text
        kind = kind_of(self._fields.get(key, key))
        named = kind == "artist" and text in self._names
        if named or (kind, text) in self._short or self._found_in(text) or self._asks(text):
            self.found += 1
            return None
        return text

    def _asks(self, text: str) -> bool:
        """Tell whether a text is the address of a search for one of the names."""
        if "://" not in text or "?" not in text:
            return False
        return not self._names.isdisjoint(value for _, value in parse_qsl(urlsplit(text).query))


def _fields(page: Page) -> Iterator[tuple[str, str]]:
    """Tell what the columns of an uploaded file mean, with the kind where the field's own name lacks it."""
    about = dict(page.params).get("kind", "")
    for name, value in page.params:
        column, _, field = value.rpartition("=")
        if name == "map":
            yield column, field if kind_of(field) else f"{about} {field}"
