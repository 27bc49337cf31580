"""Stores and a collector in memory: for tests and for trying the service without a home."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

from tunelake.domain.cards import ArtistDocument
from tunelake.domain.names import fold
from tunelake.publish.names import lookups, parts_of
from tunelake.publish.ports import Suggestion
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
        names = (document.name, *document.aliases)
        for spelling in dict.fromkeys(key for name in names for key in lookups(fold(name))):
            ids = self._names.setdefault(spelling, [])
            if document.entity_id not in ids:
                ids.append(document.entity_id)

    def remove(self, entity_id: str) -> None:
        """Let go of a document and of the names that led to it alone."""
        self._documents.pop(entity_id, None)
        for spelling in [name for name, ids in self._names.items() if entity_id in ids]:
            self._names[spelling].remove(entity_id)
            if not self._names[spelling]:
                del self._names[spelling]

    def __iter__(self) -> Iterator[str]:
        """The artists, those that were added first before the others."""
        return iter(list(self._documents))

    def get(self, entity_id: str) -> ArtistDocument | None:
        """Return the document, or None when there is none."""
        return self._documents.get(entity_id)

    def find(self, folded: str) -> list[str]:
        """Return the artists of a folded name, with or without a leading "the"."""
        return next((list(self._names[name]) for name in lookups(folded) if name in self._names), [])

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """Return artists a name of which begins with this folded text, then those that hold it."""
        hits = sorted((not name.startswith(folded), name) for name in self._names if folded in name)
        found = dict.fromkeys(entity_id for _, name in hits for entity_id in self._names[name])
        return [Suggestion(entity_id, self._documents[entity_id].name) for entity_id in found][:limit]

    def near(self, folded: str, limit: int = 10) -> list[str]:
        """Return artists who have a part of this name."""
        found = (one.entity_id for part in parts_of(folded) for one in self.suggest(part, limit))
        return list(dict.fromkeys(found))


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
