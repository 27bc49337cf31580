"""What is published, told by hashes: what to write, and whether a store still holds it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import groupby
from typing import Any

import msgspec

from tunelake.errors import Fatal

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Changes(msgspec.Struct, kw_only=True):
    """What publishing a set did to a store, in rows or documents."""

    written: int = 0
    removed: int = 0


class Part(msgspec.Struct, frozen=True):
    """The rows of one artist in one table, with the hash of them all."""

    entity_id: str
    rows: list[tuple[Any, ...]]
    hash: str


def hash_of(encoded: bytes) -> str:
    """Hash the encoded form of a document."""
    return blake2b(encoded, digest_size=16).hexdigest()


def rows_hash(rows: Iterable[tuple[Any, ...]]) -> str:
    """Hash rows; their order does not matter."""
    return hash_of(b"".join(sorted(_encode(row) for row in rows)))


def parts(rows: Iterable[tuple[Any, ...]], place: int) -> Iterator[Part]:
    """Group rows by artist.

    Args:
        rows: Those of an artist follow each other.
        place: Where in a row the artist stands.
    """
    for entity_id, group in groupby(rows, key=lambda row: row[place]):
        listed = list(group)
        yield Part(str(entity_id), listed, rows_hash(listed))


def check_counts(found: Mapping[str, int], expected: Mapping[str, int]) -> None:
    """Compare counts of rows with those of the marts they come from.

    Raises:
        Fatal: Some differ; the message names each.
    """
    wrong = [
        f"{name} holds {found.get(name, 0)} and should hold {count}"
        for name, count in sorted(expected.items())
        if found.get(name, 0) != count
    ]
    if wrong:
        raise Fatal(f"not published, because counts do not agree with the marts: {'; '.join(wrong)}")
