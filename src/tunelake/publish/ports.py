"""What publishing and serving need of the stores."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from tunelake.domain.cards import ArtistDocument

Rows = Mapping[str, Iterable[tuple[Any, ...]]]
"""Rows by table of `schema.TABLES`, in the order of its columns; a table left out has none."""


class Suggestion(msgspec.Struct, frozen=True):
    """An artist whose name, or other name, begins with or holds what was typed."""

    entity_id: str
    name: str


class CatalogueStore(Protocol):
    """The relational store: people's queries, and from a name to artists."""

    def replace(self, rows: Rows, expected: Mapping[str, int]) -> None:
        """Put a whole set in place of the one before, at once: readers see the old or the new.

        Args:
            rows: The new rows of every table.
            expected: How many rows each table must hold then.

        Raises:
            Fatal: A count is not as expected, or the store failed; the set before stays.
        """

    def replace_artists(self, entity_ids: Collection[str], rows: Rows) -> None:
        """Put the rows of some artists in place of theirs, at once; artists without rows are gone.

        Raises:
            Fatal: The store failed; what was before stays.
        """

    def counts(self) -> dict[str, int]:
        """Count the rows of every table."""

    def find(self, folded: str) -> list[str]:
        """Find the artists of exactly this folded name, with or without a leading "the".

        Names come before other names, collected artists before those known by name only, popular ones
        before others.
        """

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """Find artists a name of which begins with this folded text, then those that hold it elsewhere."""

    def close(self) -> None:
        """Let go of files and connections."""


class DocumentStore(Protocol):
    """The key-value store: from an artist to everything an answer needs, in one read."""

    def replace(self, documents: Iterable[ArtistDocument], expected: int) -> None:
        """Put a whole set in place of the one before, at once: readers see the old or the new.

        Args:
            documents: The new set; it may be iterated more than once.
            expected: How many there must be.

        Raises:
            Fatal: The count is not as expected, or the store failed; the set before stays.
        """

    def replace_artists(self, entity_ids: Collection[str], documents: Iterable[ArtistDocument]) -> None:
        """Put the documents of some artists in place of theirs, at once; those without one are gone.

        Raises:
            Fatal: The store failed; what was before stays.
        """

    def get(self, entity_id: str) -> ArtistDocument | None:
        """Read an artist's document; None when there is none."""

    def count(self) -> int:
        """Count the documents."""

    def close(self) -> None:
        """Let go of files."""
