"""Stores in memory: the ports at their simplest, for tests and trials."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec

from tunelake.domain.cards import ArtistDocument
from tunelake.publish.counts import check_counts
from tunelake.publish.names import KINDS, first_of_each, lookups
from tunelake.publish.ports import Rows, Suggestion
from tunelake.publish.schema import TABLES

_PLACE = {table.name: {name: at for at, name in enumerate(table.names)} for table in TABLES}
_NAMES = _PLACE["names"]


class MemoryCatalogue:
    """A `CatalogueStore` in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in TABLES}

    def replace(self, rows: Rows, expected: Mapping[str, int]) -> None:
        """See `CatalogueStore`."""
        new = {table.name: list(rows.get(table.name, ())) for table in TABLES}
        check_counts({name: len(of) for name, of in new.items()}, expected)
        self.rows = new

    def replace_artists(self, entity_ids: Collection[str], rows: Rows) -> None:
        """See `CatalogueStore`."""
        kept = {
            name: [row for row in of if row[_PLACE[name]["entity_id"]] not in entity_ids]
            for name, of in self.rows.items()
        }
        self.rows = {name: [*of, *rows.get(name, ())] for name, of in kept.items()}

    def counts(self) -> dict[str, int]:
        """See `CatalogueStore`."""
        return {name: len(of) for name, of in self.rows.items()}

    def find(self, folded: str) -> list[str]:
        """See `CatalogueStore`."""
        for text in lookups(folded):
            found = self._names(text.__eq__)
            if found:
                return [entity_id for entity_id, _ in first_of_each(found, len(found))]
        return []

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """See `CatalogueStore`."""
        if not folded:
            return []
        begins = self._names(lambda name: name.startswith(folded))
        holds = self._names(lambda name: folded in name)
        shown = {row[0]: row[_PLACE["artists"]["name"]] for row in self.rows["artists"]}
        return [Suggestion(e, shown[e]) for e, _ in first_of_each([*begins, *holds], limit) if e in shown]

    def close(self) -> None:
        """See `CatalogueStore`."""

    def _names(self, wanted: Callable[[str], bool]) -> list[tuple[str, str]]:
        def order(row: tuple[Any, ...]) -> tuple[Any, ...]:
            popularity = row[_NAMES["popularity"]]
            return (
                KINDS.index(row[_NAMES["kind"]]),
                not row[_NAMES["collected"]],
                -(-1 if popularity is None else popularity),
                row[_NAMES["entity_id"]],
            )

        rows = sorted((row for row in self.rows["names"] if wanted(row[_NAMES["folded"]])), key=order)
        return [(row[_NAMES["entity_id"]], row[_NAMES["name"]]) for row in rows]


class MemoryDocuments:
    """A `DocumentStore` in memory; documents are kept encoded, as in the real ones."""

    def __init__(self) -> None:
        self._encoded: dict[str, bytes] = {}

    def replace(self, documents: Iterable[ArtistDocument], expected: int) -> None:
        """See `DocumentStore`."""
        new = {document.entity_id: msgspec.msgpack.encode(document) for document in documents}
        check_counts({"documents": len(new)}, {"documents": expected})
        self._encoded = new

    def replace_artists(self, entity_ids: Collection[str], documents: Iterable[ArtistDocument]) -> None:
        """See `DocumentStore`."""
        kept = {entity_id: text for entity_id, text in self._encoded.items() if entity_id not in entity_ids}
        self._encoded = kept | {
            document.entity_id: msgspec.msgpack.encode(document) for document in documents
        }

    def get(self, entity_id: str) -> ArtistDocument | None:
        """See `DocumentStore`."""
        text = self._encoded.get(entity_id)
        return None if text is None else msgspec.msgpack.decode(text, type=ArtistDocument)

    def count(self) -> int:
        """See `DocumentStore`."""
        return len(self._encoded)

    def close(self) -> None:
        """See `DocumentStore`."""
