"""Search for artists of the generated world, and for whose releases to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from tunelake.sandbox.catalogue import Query
from tunelake.sandbox.found import Found, Ids
from tunelake.sandbox.names import exactness, matches
from tunelake.sandbox.world.codes import ARTIST, Codes, Ref
from tunelake.sandbox.world.population import Population, genres_like
from tunelake.sandbox.world.records import Records
from tunelake.sandbox.world.releases import Releases

EXACT = 2  # below this level a name was asked for itself
_DATED = 5_000  # artists whose years a search looks at, the most popular first


class ArtistSearch:
    """Walks names back to ranks; what most artists match is looked for among the most popular."""

    def __init__(self, population: Population, releases: Releases, records: Records, codes: Codes) -> None:
        self._population = population
        self._releases = releases
        self._records = records
        self._id = lambda rank: codes.id(Ref(ARTIST, rank))

    def find(self, query: Query, *, most: int) -> Found:
        """At most so many matches (and the exact ones): exact names first, then by popularity."""
        if query.album or query.track or query.isrc or query.upc:
            return Found()
        asked = query.text or query.artist or ""
        ranks = self.ranks(query)
        if has_years(query):
            ranks = self._active(ranks if asked or query.genre is not None else self._all(), query)
        chosen = list(ranks) if asked else list(islice(ranks, most))
        named = self._population.exact(asked).intersection(chosen) if asked else set()
        exact = sorted((self._exactness(asked, one), one) for one in named)
        first = [rank for level, rank in exact if level < EXACT]
        rest = [rank for rank in chosen if rank not in named][:most]
        return Found(exact=Ids(first, self._id), others=Ids(rest, self._id))

    def ranks(self, query: Query) -> Iterator[int]:
        """The artists that match text, artist and genre, the most popular first; none for none of these."""
        texts = [text for text in (query.text, query.artist) if text]
        genres = None if query.genre is None else genres_like(query.genre)
        if not texts:
            yield from () if genres is None else self._population.of_genres(genres)
            return
        for rank in self._population.named(texts[0]):
            if genres is not None and not self._population.is_of(rank, genres):
                continue
            if all(self._has_name(rank, text) for text in texts[1:]):
                yield rank

    def _all(self) -> range:
        return range(min(self._population.size, _DATED))

    def _active(self, ranks: Iterable[int], query: Query) -> Iterator[int]:
        for rank in islice(ranks, _DATED):
            if any(in_years(release.year, query) for release in self._releases.of(rank)):
                yield rank

    def _names(self, rank: int) -> tuple[str, ...]:
        artist = self._records.artist(rank)
        return (artist.name, *artist.aliases)

    def _has_name(self, rank: int, text: str) -> bool:
        return matches(text, *self._names(rank)) or self._exactness(text, rank) < EXACT

    def _exactness(self, asked: str, rank: int) -> int:
        return exactness(asked, self._names(rank))


def has_years(query: Query) -> bool:
    """Whether a query asks for years."""
    return query.year_from is not None or query.year_to is not None


def in_years(year: int, query: Query) -> bool:
    """Whether a year is one of those asked for."""
    return (query.year_from is None or year >= query.year_from) and (
        query.year_to is None or year <= query.year_to
    )
