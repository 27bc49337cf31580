"""Who is meant by a name among the artists that are known: the stores find, the rules of `match` decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tunelake.collect.match import Match, known_among, match
from tunelake.domain.cards import ArtistDocument
from tunelake.domain.names import bare, fold, readings
from tunelake.service.ports import Documents, Names
from tunelake.sources.gist import Hit

_LOOKED_AT = 200  # artists that have a part of a name
_LONG = 6  # letters of a name that has three parts


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
        """Who has nearly this name, or its words in another order; None when nobody has.

        A slip is in one part of a name, so whoever is meant has the other parts as they are.
        """
        found = (
            near.entity_id for part in _parts(fold(name)) for near in self._names.suggest(part, _LOOKED_AT)
        )
        return self._decided(name, found, known_among)

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


def _parts(folded: str) -> Iterator[str]:
    """Two parts of a short name, three of a longer one: a slip between two parts leaves the third whole."""
    count = 3 if len(folded) >= _LONG else 2
    size = -(-len(folded) // count)
    if bare(folded) and len(folded) > 1:
        yield from dict.fromkeys(
            part for at in range(0, len(folded), size) if (part := folded[at : at + size].strip())
        )
