"""Stores in memory: the ports at their simplest, for tests and trials."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tunelake.domain.cards import ArtistDocument
from tunelake.publish.content import Changes, check_counts, hash_of, parts
from tunelake.publish.documents import decoded, encoded
from tunelake.publish.names import KINDS, Named, by_artist, first_of_each, lookups, parts_of
from tunelake.publish.ports import Rows, Suggestion
from tunelake.publish.schema import TABLES

_PLACE = {table.name: {name: at for at, name in enumerate(table.names)} for table in TABLES}
_NAMES = _PLACE["names"]


class MemoryCatalogue:
    """A `CatalogueStore` in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in TABLES}

    @contextmanager
    def replacing(
        self,
        rows: Rows,
        expected: Mapping[str, int],
        *,
        verify: bool = False,  # noqa: ARG002  (always)
    ) -> Iterator[Changes]:
        """See `CatalogueStore`."""
        new = {table.name: list(rows.get(table.name, ())) for table in TABLES}
        check_counts({name: len(of) for name, of in new.items()}, expected)
        before, after = (
            {(name, row) for name, of in rows.items() for row in of} for rows in (self.rows, new)
        )
        yield Changes(written=len(after - before), removed=len(before - after))
        self.rows = new

    def replace_artists(self, entity_ids: Collection[str], rows: Rows) -> None:
        """See `CatalogueStore`."""
        kept = {
            name: [row for row in of if row[_PLACE[name]["entity_id"]] not in entity_ids]
            for name, of in self.rows.items()
        }
        self.rows = {name: [*of, *rows.get(name, ())] for name, of in kept.items()}

    def known(self, entity_ids: Collection[str]) -> set[str]:
        """See `CatalogueStore`."""
        return {row[_PLACE["artists"]["entity_id"]] for row in self.rows["artists"]} & set(entity_ids)

    def hashes(self, table: str) -> Iterator[tuple[str, str]]:
        """See `CatalogueStore`."""
        place = _PLACE[table]["entity_id"]
        rows = sorted(self.rows[table], key=lambda row: str(row[place]))
        return ((part.entity_id, part.hash) for part in parts(rows, place))

    def counts(self) -> dict[str, int]:
        """See `CatalogueStore`."""
        return {name: len(of) for name, of in self.rows.items()}

    def find(self, folded: str) -> list[str]:
        """See `NameFinder`."""
        for text in lookups(folded):
            found = self._names(text.__eq__)
            if found:
                return [entity_id for entity_id, _ in first_of_each(found, len(found))]
        return []

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """See `NameFinder`."""
        if not folded:
            return []
        begins = self._names(lambda name: name.startswith(folded))
        holds = self._names(lambda name: folded in name)
        shown = {row[0]: row[_PLACE["artists"]["name"]] for row in self.rows["artists"]}
        return [Suggestion(e, shown[e]) for e, _ in first_of_each([*begins, *holds], limit) if e in shown]

    def near(self, folded: str, limit: int = 10) -> list[str]:
        """See `NameFinder`."""
        return list(
            dict.fromkeys(s.entity_id for part in parts_of(folded) for s in self.suggest(part, limit))
        )

    def texts(self) -> Iterator[bytes]:
        """See `CatalogueStore`."""
        return (repr(row).encode() for rows in self.rows.values() for row in rows)

    def scrub(self) -> None:
        """See `CatalogueStore`; nothing is left behind."""

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

    @contextmanager
    def replacing(
        self,
        documents: Iterable[ArtistDocument],
        expected: int,
        *,
        verify: bool = False,  # noqa: ARG002
    ) -> Iterator[Changes]:
        """See `DocumentStore`."""
        new = {document.entity_id: encoded(document) for document in documents}
        check_counts({"documents": len(new)}, {"documents": expected})
        written = sum(self._encoded.get(entity_id) != text for entity_id, text in new.items())
        yield Changes(written=written, removed=len(self._encoded.keys() - new.keys()))
        self._encoded = new

    def replace_artists(self, entity_ids: Collection[str], documents: Iterable[ArtistDocument]) -> None:
        """See `DocumentStore`."""
        kept = {entity_id: text for entity_id, text in self._encoded.items() if entity_id not in entity_ids}
        self._encoded = kept | {document.entity_id: encoded(document) for document in documents}

    def get(self, entity_id: str) -> ArtistDocument | None:
        """See `DocumentStore`."""
        text = self._encoded.get(entity_id)
        return None if text is None else decoded(text)

    def count(self) -> int:
        """See `DocumentStore`."""
        return len(self._encoded)

    def hashes(self) -> Iterator[tuple[str, str]]:
        """See `DocumentStore`."""
        return ((entity_id, hash_of(text)) for entity_id, text in self._encoded.items())

    def texts(self) -> Iterator[bytes]:
        """See `DocumentStore`."""
        return (key.encode() + b" " + text for key, text in self._encoded.items())

    def scrub(self) -> None:
        """See `DocumentStore`; nothing is left behind."""

    def close(self) -> None:
        """See `DocumentStore`."""


class MemoryNames:
    """A `NameIndex` in memory; it forgives no slips."""

    def __init__(self) -> None:
        self._of: dict[str, list[Named]] = {}

    @contextmanager
    def replacing(self, names: Iterable[Named], *, verify: bool = False) -> Iterator[Changes]:  # noqa: ARG002
        """See `NameIndex`."""
        new = {entity_id: listed for entity_id, listed, _ in by_artist(names)}
        written = sum(self._of.get(entity_id) != of for entity_id, of in new.items())
        yield Changes(written=written, removed=len(self._of.keys() - new.keys()))
        self._of = new

    def replace_artists(self, entity_ids: Collection[str], names: Iterable[Named]) -> None:
        """See `NameIndex`."""
        kept = {entity_id: of for entity_id, of in self._of.items() if entity_id not in entity_ids}
        new = {entity_id: listed for entity_id, listed, _ in by_artist(names)}
        self._of = kept | new

    def find(self, folded: str) -> list[str]:
        """See `NameFinder`."""
        for text in lookups(folded):
            found = self._found(text.__eq__)
            if found:
                return list(dict.fromkeys(name.entity_id for name in found))
        return []

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """See `NameFinder`."""
        if not folded:
            return []
        found = [
            *self._found(lambda name: name.startswith(folded)),
            *self._found(lambda name: folded in name),
        ]
        shown = {name.entity_id: name.shown for name in reversed(found)}
        return [
            Suggestion(e, shown[e]) for e in list(dict.fromkeys(name.entity_id for name in found))[:limit]
        ]

    def near(self, folded: str, limit: int = 10) -> list[str]:
        """See `NameFinder`."""
        return list(
            dict.fromkeys(s.entity_id for part in parts_of(folded) for s in self.suggest(part, limit))
        )

    def hashes(self) -> Iterator[tuple[str, str]]:
        """See `NameIndex`."""
        return ((entity_id, hash_) for of in self._of.values() for entity_id, _, hash_ in by_artist(of))

    def texts(self) -> Iterator[bytes]:
        """See `NameIndex`."""
        return (repr(name).encode() for of in self._of.values() for name in of)

    def scrub(self) -> None:
        """See `NameIndex`; nothing is left behind."""

    def close(self) -> None:
        """See `NameIndex`."""

    def _found(self, wanted: Callable[[str], bool]) -> list[Named]:
        found = [name for of in self._of.values() for name in of if wanted(name.folded)]
        return sorted(found, key=lambda name: (-name.weight, name.entity_id))
