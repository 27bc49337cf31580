"""Who is meant by a name among the artists that are known: the stores find, the rules of `match` decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tunelake.collect.match import Match, known_among, match
from tunelake.domain.cards import ArtistDocument
from tunelake.domain.names import fold, readings
from tunelake.service.ports import Documents, Names
from tunelake.sources.gist import Hit

_LOOKED_AT = 200  # artists that may be meant


class Known:
    """Looks names up in the stores."""

    def __init__(self, documents: Documents, names: Names) -> None:
        self._documents = documents
        self._names = names

    def meant(self, name: str) -> Match | None:
        """Who has this name; None when nobody has."""
        found = (entity_id for reading in readings(name) for entity_id in self._names.find(fold(reading)))
        return self._decided(name, found, match)

    def near(self, name: str) -> Match | None:
        """Who has nearly this name, or its words in another order; None when nobody has."""
        return self._decided(name, self._names.near(fold(name), _LOOKED_AT), known_among)

    def _decided(
        self, name: str, entity_ids: Iterable[str], decide: Callable[[str, Sequence[Hit]], Match | None]
    ) -> Match | None:
        documents = (self._documents.get(one) for one in dict.fromkeys(entity_ids))
        hits = [_hit(document) for document in documents if document]
        return decide(name, hits) if hits else None


def about(document: ArtistDocument) -> str:
    """What tells an artist from another of its name: genres and country."""
    return ", ".join([*document.genres[:2], *([document.country] if document.country else [])])


def _hit(document: ArtistDocument) -> Hit:
    return Hit(
        document.entity_id,
        document.name,
        document.popularity,
        aliases=tuple(document.aliases),
        about=about(document),
    )
