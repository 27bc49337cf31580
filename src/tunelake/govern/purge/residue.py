"""Searches: what is looked for in decoded content, in the plain or by keyed hashes alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunelake.lake.subjects.keyed import Key
from tunelake.lake.subjects.subject import Subject

_SHAPES = {
    "spotify": (re.compile(rb"(?=([0-9A-Za-z]{22}))"), re.compile(r"[0-9A-Za-z]{22}")),
    "entity": (re.compile(rb"(?=(a[0-9a-f]{16}))"), re.compile(r"a[0-9a-f]{16}")),
    "uuid": (
        re.compile(rb"(?=([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}))"),
        re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ),
    "upload": (re.compile(rb"(?=(upload:[0-9a-f]{22}))"), re.compile(r"upload:[0-9a-f]{22}")),
    "word": (re.compile(rb"(?<![0-9A-Za-z_-])([0-9A-Za-z_-]{12,})"), re.compile(r".*", re.DOTALL)),
}
"""How ids look: where one may stand in bytes, and whether a text is one."""


class Search(Protocol):
    """What is looked for."""

    def hits(self, data: bytes | memoryview) -> int:
        """Count how often it stands in bytes."""

    def within(self, texts: pa.Array) -> int:
        """Count how often it stands in texts (large strings)."""

    def named(self, texts: pa.Array) -> int:
        """Count the whole values that are one of the names."""


class PlainSearch:
    """Looks for ids and names that are known."""

    def __init__(self, subject: Subject) -> None:
        self._patterns = subject.patterns
        self._names = pa.array(subject.names, pa.string())

    def hits(self, data: bytes | memoryview) -> int:
        """See `Search`."""
        one = _one(data)
        found = 0
        for pattern in self._patterns:
            found += pc.count_substring_regex(one, pattern)[0].as_py()
        return found

    def within(self, texts: pa.Array) -> int:
        """See `Search`."""
        # All values at once first; where two of them seem to make one, each is asked.
        if not self.hits(_values(texts)):
            return 0
        counted = (pc.sum(pc.count_substring_regex(texts, pattern)).as_py() for pattern in self._patterns)
        return sum(count or 0 for count in counted)

    def named(self, texts: pa.Array) -> int:
        """See `Search`."""
        return int(pc.sum(pc.is_in(texts, self._names)).as_py() or 0) if len(self._names) else 0


class HashedSearch:
    """Looks for ids and names of which only keyed hashes are left: everything that may be one is hashed."""

    def __init__(self, key: Key, ids: Iterable[str], names: Iterable[str], shapes: Iterable[str]) -> None:
        self._key = key
        self._ids = frozenset(ids)
        self._names = frozenset(names)
        self._shapes = [_SHAPES[shape][0] for shape in shapes]

    def hits(self, data: bytes | memoryview) -> int:
        """See `Search`."""
        found = 0
        for shape in self._shapes:
            for text in set(shape.findall(data)):
                found += self._key.hash("id", text.decode(errors="replace")) in self._ids
        return found

    def within(self, texts: pa.Array) -> int:
        """See `Search`."""
        return self.hits("\n".join(one for one in pc.unique(texts).to_pylist() if one).encode())

    def named(self, texts: pa.Array) -> int:
        """See `Search`."""
        values = pc.unique(texts).to_pylist() if self._names else []
        return sum(self._key.hash("name", one) in self._names for one in values if one)


def shapes_of(ids: Iterable[str]) -> list[str]:
    """Tell how some ids look: by which shapes they are found again."""
    return sorted({_shape(one) for one in ids})


def _shape(one: str) -> str:
    return next(name for name, (_, whole) in _SHAPES.items() if whole.fullmatch(one))


def _one(data: bytes | memoryview) -> pa.Array:
    """Take bytes as one value, without copying them."""
    ends = pa.py_buffer(np.array([0, len(data)], dtype=np.int64))
    return pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(data)])


def _values(texts: pa.Array) -> memoryview:
    """Give the bytes of texts (large strings) as they lie in memory, without copying them."""
    _, ends, data = texts.buffers()
    if data is None or not len(texts):
        return memoryview(b"")
    places = np.frombuffer(ends, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[places[0] : places[-1]]


class Residue(msgspec.Struct, kw_only=True):
    """What a search found.

    Attributes:
        files: Files that were searched.
        size: Bytes of content that were searched, decoded.
        ids: How often an id was found, by place; none is what is wanted.
        names: How often a name stood where artists are named, by place; as before.
        unread: Places that could not be decoded: their bytes were searched as they are.
    """

    files: int = 0
    size: int = 0
    ids: dict[str, int] = {}
    names: dict[str, int] = {}
    unread: list[str] = []

    @property
    def total(self) -> int:
        """How much is left."""
        return sum(self.ids.values()) + sum(self.names.values())

    def places(self) -> list[str]:
        """Name the places where something is left."""
        return sorted({*self.ids, *self.names})

    def look(self, place: str, data: bytes | memoryview, search: Search) -> None:
        """Search some content of a place."""
        self.size += len(data)
        if len(data) and (found := search.hits(data)):
            self.ids[place] = self.ids.get(place, 0) + found

    def look_within(self, place: str, texts: pa.Array, search: Search) -> None:
        """Search the values of a column at a place."""
        self.size += texts.nbytes
        if len(texts) and (found := search.within(texts)):
            self.ids[place] = self.ids.get(place, 0) + found

    def look_at_names(self, place: str, texts: pa.Array, search: Search) -> None:
        """Search the names of artists at a place."""
        if found := search.named(texts):
            self.names[place] = self.names.get(place, 0) + found


def joined(texts: Iterable[bytes], size: int = 8 << 20) -> Iterator[bytes]:
    """Put many short texts together, a line each, so that few are searched."""
    batch: list[bytes] = []
    held = 0
    for text in texts:
        batch.append(text)
        held += len(text) + 1
        if held >= size:
            yield b"\n".join(batch)
            batch, held = [], 0
    if batch:
        yield b"\n".join(batch)
