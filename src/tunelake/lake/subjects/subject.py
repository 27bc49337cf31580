"""What is to be erased: its ids, its names, and how a text is asked for them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Literal

import msgspec

LONG = 12
"""Letters from which on an id is nobody else's, wherever it stands; a shorter one counts where ids of its
kind stand, in what comes from its own source."""
_AT_ONCE = 400
_WORD = re.compile(r"[0-9A-Za-z_-]{8,}")
KINDS = ("artist", "album", "track")
Kind = Literal["artist", "user", "source"]


class Subject(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is to be erased.

    Attributes:
        kind: What it is.
        asked: The id, or the name of the source, as it was asked for.
        source: The only source it is about; empty for an artist, who has ids in many.
        ids: Ids by kind ("artist", "album", "track"), then by source: the artist's own, and those of albums
            and tracks on which nobody else is credited.
        entities: The same artist's ids in the marts and stores.
        names: What the artist is called, and nobody else.
        made: Names that are ids, in uploads without ids of their own.
        shared: What others are called, too: it stays where it stands alone.
        alone: What is credited to the artist alone goes too, though its ids are not among these.
    """

    kind: Kind
    asked: str
    source: str = ""
    ids: dict[str, dict[str, list[str]]] = {}
    entities: list[str] = []
    names: list[str] = []
    made: list[str] = []
    shared: list[str] = []
    alone: bool = False

    def every(self) -> Iterator[tuple[str, str, str]]:
        """Give each id with its kind and its source."""
        for kind, by_source in self.ids.items():
            for source, ids in by_source.items():
                for one in ids:
                    yield kind, source, one

    @cached_property
    def long(self) -> frozenset[str]:
        """Ids that are looked for in any text."""
        return frozenset(one for one in [*self.entities, *(i for *_, i in self.every())] if len(one) >= LONG)

    @cached_property
    def short(self) -> frozenset[tuple[str, str, str]]:
        """Ids that count in places of their kind and source alone: (kind, source, id)."""
        return frozenset(found for found in self.every() if len(found[2]) < LONG)

    @cached_property
    def patterns(self) -> list[str]:
        """Regular expressions one of which finds a long id in any text."""
        return _alternatives(self.long)

    @cached_property
    def told(self) -> list[str]:
        """Regular expressions one of which finds what may speak of it in JSON: ids, and names in quotes."""
        quoted = {*self.names, *self.made, *(one for *_, one in self.short)}
        forms = {json.dumps(text, ensure_ascii=plain) for text in quoted for plain in (True, False)}
        return _alternatives([*self.long, *forms])

    @cached_property
    def _words(self) -> dict[str, str]:
        return {one.rpartition(":")[2]: one for one in self.long}

    @cached_property
    def _phrases(self) -> list[str]:
        return [one for word, one in self._words.items() if not _WORD.fullmatch(word)]

    def found_in(self, text: str) -> list[str]:
        """Give the long ids that stand in a text, as they stand there."""
        words = [word for word in _WORD.findall(text) if word in self._words]
        return words + [one for one in self._phrases if one in text]


def kind_of(name: str) -> str:
    """Tell of what kind the ids are that stand under a name; empty when that cannot be told."""
    if name == "linked_from_id":
        return "track"
    return next((kind for kind in KINDS if kind in name.lower()), "")


def _alternatives(texts: Iterable[str]) -> list[str]:
    """Write regular expressions that match any of some texts, each small enough to be quick."""
    listed = sorted(map(re.escape, texts))
    return ["|".join(listed[at : at + _AT_ONCE]) for at in range(0, len(listed), _AT_ONCE)]
