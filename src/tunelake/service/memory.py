"""Stores and a collector in memory: for tests and for trying the service without a home."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from tunelake.domain.cards import ArtistDocument
from tunelake.domain.names import fold
from tunelake.service.ports import Outcome


class MemoryCatalogue:
    """Both reading sides, `Documents` and `Names`, over a dictionary."""

    def __init__(self, documents: Iterable[ArtistDocument] = ()) -> None:
        self._documents: dict[str, ArtistDocument] = {}
        self._names: dict[str, list[str]] = {}
        for document in documents:
            self.add(document)

    def add(self, document: ArtistDocument) -> None:
        """Store a document and the names it answers to."""
        self._documents[document.entity_id] = document
        for name in {fold(name) for name in (document.name, *document.aliases)}:
            ids = self._names.setdefault(name, [])
            if document.entity_id not in ids:
                ids.append(document.entity_id)

    def get(self, entity_id: str) -> ArtistDocument | None:
        """Return the document, or None when there is none."""
        return self._documents.get(entity_id)

    def find(self, folded: str) -> list[str]:
        """Return the entity ids that answer to a folded name."""
        return list(self._names.get(folded, ()))

    def suggest(self, prefix: str, limit: int) -> list[tuple[str, str]]:
        """Return names that start with the prefix, then names that hold it."""
        wanted = fold(prefix)
        if not wanted:
            return []
        hits = sorted(
            ((not name.startswith(wanted), name, ids) for name, ids in self._names.items() if wanted in name),
        )
        found: dict[str, str] = {}
        for _, _, ids in hits:
            for entity_id in ids:
                found.setdefault(entity_id, self._documents[entity_id].name)
        return [(name, entity_id) for entity_id, name in found.items()][:limit]


class MemoryCollector:
    """A collector over a function from a name to a document; counts its calls."""

    def __init__(self, catalogue: MemoryCatalogue, find: Callable[[str], ArtistDocument | Outcome]) -> None:
        self._catalogue = catalogue
        self._find = find
        self._lock = threading.Lock()
        self.asked: list[str] = []

    def collect(self, name: str) -> Outcome:
        """Collect by name; what the function gives as a document is stored and found."""
        with self._lock:
            self.asked.append(name)
        result = self._find(name)
        if isinstance(result, Outcome):
            return result
        self._catalogue.add(result)
        return Outcome(kind="found", entity_id=result.entity_id)
