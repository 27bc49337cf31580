"""What publishing and serving need of the stores.

Every store is changed in two steps: what `replacing` gives has staged the new set when it is entered, and
commits it when it is left without an error. So several stores are filled first and switched together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from tunelake.domain.cards import ArtistDocument
from tunelake.publish.content import Changes
from tunelake.publish.names import Named

Rows = Mapping[str, Iterable[tuple[Any, ...]]]
"""Rows by table of `schema.TABLES`, in the order of its columns, those of an artist together; a table left
out has none."""


class Suggestion(msgspec.Struct, frozen=True):
    """An artist whose name, or other name, begins with or holds what was typed, or is a slip away."""

    entity_id: str
    name: str


class NameFinder(Protocol):
    """From a name to artists."""

    def find(self, folded: str) -> list[str]:
        """Find the artists of exactly this folded name, with or without a leading "the".

        Names come before other names, collected artists before those known by name only, popular ones
        before others.
        """

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """Find artists a name of which begins with this folded text, then those that hold it elsewhere.

        Where the store can, those follow whose name is a slip of the pen away.
        """

    def near(self, folded: str, limit: int = 10) -> list[str]:
        """Find artists whose name may be meant by a slip of the pen, or by its words in another order.

        They are candidates: who is asked decides which are near enough.
        """


class CatalogueStore(NameFinder, Protocol):
    """The relational store: people's queries, and from a name to artists."""

    def replacing(
        self, rows: Rows, expected: Mapping[str, int], *, verify: bool = False
    ) -> AbstractContextManager[Changes]:
        """Put a whole set in place of the one before, at once: readers see the old or the new.

        Only what differs is written.

        Args:
            rows: The new rows of every table.
            expected: How many rows each table must hold then.
            verify: Compare with what the store holds, read anew, not with what is known to have been written.

        Raises:
            ConfigError: The store does not let us in.
            Retryable: The store cannot be reached, or somebody else publishes; the set before stays.
            Fatal: A count is not as expected, or the store failed; the set before stays.
        """

    def replace_artists(self, entity_ids: Collection[str], rows: Rows) -> None:
        """Put the rows of some artists in place of theirs, at once; artists without rows are gone.

        Raises as `replacing` does; what was before stays.
        """

    def known(self, entity_ids: Collection[str]) -> set[str]:
        """Tell which of these artists the store holds."""

    def counts(self) -> dict[str, int]:
        """Count the rows of every table."""

    def hashes(self, table: str) -> Iterator[tuple[str, str]]:
        """Hash the rows of each artist in a table, as they stand there now: (entity_id, hash)."""

    def texts(self) -> Iterator[bytes]:
        """Give all that it keeps, decoded, also what readers no longer see; for a search through it."""

    def scrub(self) -> None:
        """Let go of the bytes of what was taken away; readers go on meanwhile.

        Raises as `replacing` does; done again, it goes on.
        """

    def close(self) -> None:
        """Let go of files and connections."""


class DocumentStore(Protocol):
    """The key-value store: from an artist to everything an answer needs, in one read."""

    def replacing(
        self, documents: Iterable[ArtistDocument], expected: int, *, verify: bool = False
    ) -> AbstractContextManager[Changes]:
        """Put a whole set in place of the one before, at once: readers see the old or the new.

        Only what differs is written.

        Args:
            documents: The new set; it may be iterated more than once.
            expected: How many there must be.
            verify: As that of `CatalogueStore`.

        Raises as that of `CatalogueStore`; the set before stays.
        """

    def replace_artists(self, entity_ids: Collection[str], documents: Iterable[ArtistDocument]) -> None:
        """Put the documents of some artists in place of theirs, at once; those without one are gone.

        Raises as `replacing` does; what was before stays.
        """

    def get(self, entity_id: str) -> ArtistDocument | None:
        """Read an artist's document; None when there is none."""

    def count(self) -> int:
        """Count the documents."""

    def hashes(self) -> Iterator[tuple[str, str]]:
        """Hash each document as it stands there now: (entity_id, hash)."""

    def texts(self) -> Iterator[bytes]:
        """Give all that it keeps, decoded, also what readers no longer see; for a search through it."""

    def scrub(self) -> None:
        """Let go of the bytes of what was taken away; readers go on meanwhile.

        Raises as `replacing` does; done again, it goes on.
        """

    def close(self) -> None:
        """Let go of files and connections."""


class NameIndex(NameFinder, Protocol):
    """The search for names, slips of the pen forgiven."""

    def replacing(self, names: Iterable[Named], *, verify: bool = False) -> AbstractContextManager[Changes]:
        """Put a whole set of names in place of the one before, at once; only what differs is written.

        Args:
            names: The new set, those of an artist together.
            verify: As that of `CatalogueStore`.

        Raises as that of `CatalogueStore`; the set before stays.
        """

    def replace_artists(self, entity_ids: Collection[str], names: Iterable[Named]) -> None:
        """Put the names of some artists in place of theirs, at once; those without names are gone.

        Raises as `replacing` does; what was before stays.
        """

    def hashes(self) -> Iterator[tuple[str, str]]:
        """Hash the names of each artist as they stand there now: (entity_id, hash)."""

    def texts(self) -> Iterator[bytes]:
        """Give all that it keeps, decoded, also what readers no longer see; for a search through it."""

    def scrub(self) -> None:
        """Let go of the bytes of what was taken away; readers go on meanwhile.

        Raises as `replacing` does; done again, it goes on.
        """

    def close(self) -> None:
        """Let go of files."""
