"""The names by which artists are found, and their order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import groupby
from typing import Any

import msgspec

from tunelake.domain.names import bare, fold, without_article
from tunelake.publish.content import rows_hash

KINDS = ("name", "alias", "short")
"""Kinds of names, the surest first."""

HEAD = 64
"""Letters of a name that stores index to find how it begins."""


_LONG = 6  # letters of a name that has three parts


class Named(msgspec.Struct, frozen=True, array_like=True):
    """A name that leads to an artist.

    Attributes:
        shown: The artist's own name.
        folded: What is compared.
        kind: One of `KINDS`.
        name: As it was written.
        popularity: The artist's, 0 to 100 or None.
        collected: False for an artist known by name only.
    """

    entity_id: str
    shown: str
    folded: str
    kind: str
    name: str
    popularity: int | None
    collected: bool

    @property
    def row(self) -> tuple[Any, ...]:
        """The row of table `names`."""
        digest, head = name_digest(self.folded), self.folded[:HEAD]
        return (
            self.folded, self.entity_id, self.kind, self.name, self.popularity, self.collected, digest, head
        )  # fmt: skip

    @property
    def weight(self) -> int:
        """What puts it before others: names, then collected artists, then popular ones."""
        popularity = -1 if self.popularity is None else self.popularity
        return (len(KINDS) - KINDS.index(self.kind)) * 1000 + self.collected * 500 + popularity + 1


def named(profile: Mapping[str, Any], *, collected: bool) -> list[Named]:
    """List the names of one artist; a name that folds to nothing is none.

    Args:
        profile: Row of mart artist_profile.
        collected: False for an artist known by name only.
    """
    written = [("name", profile["name"]), *(("alias", alias) for alias in profile["aliases"])]
    found: dict[str, tuple[str, str]] = {}
    for kind, name in written:
        found.setdefault(fold(name), (kind, name))
    for _, name in written:
        for short in lookups(fold(name)):
            found.setdefault(short, ("short", name))
    found.pop("", None)
    entity_id, shown, popularity = profile["entity_id"], profile["name"], profile["popularity"]
    return [
        Named(entity_id, shown, folded, kind, name, popularity, collected)
        for folded, (kind, name) in found.items()
    ]


def name_digest(folded: str) -> str:
    """Shorten a name of any length to what an index can hold."""
    return blake2b(folded.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def lookups(folded: str) -> list[str]:
    """List what to look for, the best first: the text itself, without a leading "the", its letters alone."""
    texts = (folded, without_article(folded), bare(folded))
    return list(dict.fromkeys(text for text in texts if text))


def first_of_each(rows: Iterable[tuple[str, str]], limit: int) -> list[tuple[str, str]]:
    """Keep the first row of each artist (entity_id, ...), at most `limit`."""
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        if len(found) == limit:
            break
        found.setdefault(row[0], row)
    return list(found.values())


def parts_of(folded: str) -> Iterator[str]:
    """Two parts of a short name, three of a longer one: a slip between two parts leaves the third whole."""
    count = 3 if len(folded) >= _LONG else 2
    size = -(-len(folded) // count)
    if bare(folded) and len(folded) > 1:
        yield from dict.fromkeys(
            part for at in range(0, len(folded), size) if (part := folded[at : at + size].strip())
        )


def by_artist(names: Iterable[Named]) -> Iterator[tuple[str, list[Named], str]]:
    """Group names by artist, those of an artist together: (entity_id, names, the hash of them all)."""
    for entity_id, group in groupby(names, key=lambda name: name.entity_id):
        listed = list(group)
        yield entity_id, listed, rows_hash(msgspec.structs.astuple(name) for name in listed)
