"""The stores, and before them the cards that are answered with already and not published yet."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from tunelake.domain.cards import ArtistDocument
from tunelake.publish.ports import Suggestion
from tunelake.service.memory import MemoryCatalogue
from tunelake.service.ports import Documents, Names

MOST = 1000  # cards that wait; one more, and the first are made again when they are asked for


class Shelf:
    """Both reading sides, `Documents` and `Names`, over the stores; safe to share between threads."""

    def __init__(self, documents: Documents, names: Names) -> None:
        self._documents = documents
        self._names = names
        self._ahead = MemoryCatalogue()
        self._mutex = threading.Lock()

    def put(self, cards: Iterable[ArtistDocument]) -> None:
        """Keep cards until they are published; a store that has as much goes before them."""
        with self._mutex:
            for card in cards:
                self._ahead.remove(card.entity_id)
                self._ahead.add(card)
            for entity_id in list(self._ahead)[:-MOST]:
                self._ahead.remove(entity_id)

    def published(self, entity_ids: Iterable[str]) -> None:
        """Hear of artists that the stores have as they are now."""
        with self._mutex:
            for entity_id in entity_ids:
                self._ahead.remove(entity_id)

    def get(self, entity_id: str) -> ArtistDocument | None:
        """Return the document, or None when there is none."""
        stored, ahead = self._documents.get(entity_id), self._ahead.get(entity_id)
        if ahead is None or (stored is not None and stored.collected >= ahead.collected):
            return stored
        return ahead

    def find(self, folded: str) -> list[str]:
        """Return the artists of a folded name; see `Names`."""
        with self._mutex:
            ahead = self._ahead.find(folded)
        return list(dict.fromkeys([*self._names.find(folded), *ahead]))

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """Return artists for what a person has typed; see `Names`."""
        with self._mutex:
            ahead = self._ahead.suggest(folded, limit)
        found = {near.entity_id: near for near in (*ahead, *self._names.suggest(folded, limit))}
        return list(found.values())[:limit]

    def near(self, folded: str, limit: int = 10) -> list[str]:
        """Return artists whose name may be meant; see `Names`."""
        return self._names.near(folded, limit)
