"""The gist of an answer, whatever its source: the little that decides what to ask next. Pure."""

from __future__ import annotations

import msgspec


class Hit(msgspec.Struct, frozen=True, omit_defaults=True):
    """An artist as an answer shows it.

    Attributes:
        digest: Differs when what is told of the artist differs.
        about: What tells it from another of its name, for people: "k-pop; 42,000,000 followers".
    """

    id: str
    name: str
    popularity: int | None = None
    digest: str = ""
    aliases: tuple[str, ...] = ()
    about: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a list that is read page by page.

    Attributes:
        keys: What tells one item from another, in order: its id; in a playlist the id and the time it
            was added. None for a null item.
        offset: Index of the first item in the whole list.
        total: Length of the whole list as the source states it.
        next: Link to the next part; None after the last.
    """

    keys: tuple[str | None, ...]
    offset: int = 0
    total: int | None = None
    next: str | None = None


class Gist(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What follows from an answer.

    Attributes:
        ids: Ids of the objects in it, in order; None for a null or one without id.
        hits: Artists found, for a search; else those in it, those credited among them.
        part: The list in it: the items of a page, the tracks of an album, the items of a playlist.
    """

    ids: tuple[str | None, ...] = ()
    hits: tuple[Hit, ...] = ()
    part: Part | None = None


class Misshapen(ValueError):
    """The answer is JSON, but not what this endpoint answers."""
