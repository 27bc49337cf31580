"""Who is meant by a name among the artists that are known: the stores find, the rules of `match` decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tunelake.collect.match import NEAR_SPELLING, Match, match
from tunelake.domain.cards import ArtistDocument
from tunelake.domain.names import bare, fold, readings
from tunelake.service.ports import Documents, Names
from tunelake.sources.gist import Hit

_LOOKED_AT = 50  # artists that have a half of a name


class Known:
    """Looks names up in the stores."""

    def __init__(self, documents: Documents, names: Names) -> None:
        self._documents = documents
        self._names = names

    def meant(self, name: str) -> Match | None:
        """Who has this name; None when nobody has."""
        found = (entity_id for reading in readings(name) for entity_id in self._names.find(fold(reading)))
        return self._decided(name, found)

    def near(self, name: str) -> Match | None:
        """Who has nearly this name; None when nobody has, or several.

        A slip is in one half of a name or the other, so whoever is meant has the whole of one.
        """
        found = (
            near.entity_id for half in _halves(fold(name)) for near in self._names.suggest(half, _LOOKED_AT)
        )
        meant = self._decided(name, found)
        return meant if meant and meant.method == NEAR_SPELLING else None

    def _decided(self, name: str, entity_ids: Iterable[str]) -> Match | None:
        documents = (self._documents.get(one) for one in dict.fromkeys(entity_ids))
        hits = [_hit(document) for document in documents if document]
        return match(name, hits) if hits else None


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


def _halves(folded: str) -> Iterator[str]:
    middle = len(folded) // 2
    if bare(folded) and middle:
        yield from dict.fromkeys(filter(None, (folded[:middle].strip(), folded[middle:].strip())))
