"""Search over the generated world, without an index: names and titles are walked back to their artists.

A search looks at so much and no more. What many match is looked for among the most popular artists, and
the total then counts what was found there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from tunelake.sandbox.catalogue import Kind, Query
from tunelake.sandbox.found import Found, Ids
from tunelake.sandbox.names import exactness, words
from tunelake.sandbox.world.artist_search import EXACT, ArtistSearch, has_years
from tunelake.sandbox.world.codes import ALBUM, TRACK, Codes, Ref
from tunelake.sandbox.world.population import Population
from tunelake.sandbox.world.records import Records
from tunelake.sandbox.world.releases import Releases
from tunelake.sandbox.world.sift import Sift
from tunelake.sandbox.world.title_search import TitleSearch
from tunelake.sandbox.world.titles import Place

MOST = 1_000  # matches a search stops at; nobody can page beyond them
_LOOKED_AT = 3_000  # albums or tracks a search looks at
_ARTISTS = 1_000  # artists that a part of a free text may name
_NAME_WORDS = 4  # the longest names
_KEPT = 32  # finds that are remembered, for the pages after the first


class WorldSearch:
    """Finds artists by walking names back to ranks, releases by titles and by artists."""

    def __init__(self, population: Population, releases: Releases, records: Records, codes: Codes) -> None:
        self._population = population
        self._records = records
        self._codes = codes
        self._artists = ArtistSearch(population, releases, records, codes)
        self._titles = TitleSearch(population, releases, records)
        self._sift: Callable[[Query], Sift] = lambda query: Sift(query, releases, records, codes)
        self.find = lru_cache(maxsize=_KEPT)(self._find)

    def _find(self, kind: Kind, query: Query) -> Found:
        """All matches, as far as the search looks: exact names first, then by popularity."""
        if kind == "artist":
            return self._artists.find(query, most=MOST)
        tracks = kind == "track"
        if query.upc if tracks else query.track or query.isrc:
            return Found()
        keeps = self._sift(query).keeps
        places = islice(_once(self._places(query, tracks=tracks)), _LOOKED_AT)
        return self._found(
            islice(filter(keeps, places), MOST), (query.track if tracks else query.album) or query.text
        )

    def _found(self, places: Iterable[Place], asked: str) -> Found:
        ranked = sorted(
            (exactness(asked, (self._records.title(one),)), -self._popularity(one), one[:2], one[2] or 0, one)
            for one in places
        )
        return Found(
            exact=Ids([one[-1] for one in ranked if one[0] < EXACT], self._id),
            others=Ids([one[-1] for one in ranked if one[0] >= EXACT], self._id),
        )

    def _popularity(self, place: Place) -> int:
        if place.track is None:
            return self._records.album_popularity(place.rank, place.album)
        return self._records.track_popularity(place.rank, place.album, place.track)

    def _id(self, place: Place) -> str:
        if place.track is None:
            return self._codes.id(Ref(ALBUM, place.rank, place.album))
        return self._codes.id(Ref(TRACK, place.rank, place.album, place.track))

    def _places(self, query: Query, *, tracks: bool) -> Iterator[Place]:
        """Existing albums or tracks that may match; what is not among them does not."""
        code = query.isrc or query.upc
        title = query.track or query.album
        if code is not None:
            ref = self._codes.recording(code) if tracks else self._codes.release(code)
            known = ref is not None and ref.owner < self._population.size
            yield from self._titles.of_artists((ref.owner,) if ref and known else (), tracks=tracks)
        elif query.artist or query.genre is not None:
            ranks = self._artists.ranks(Query(artist=query.artist, genre=query.genre))
            yield from self._titles.of_artists(ranks, tracks=tracks)
        elif query.track or (title and not tracks):
            yield from self._titles.titled(title or "", tracks=tracks)
        elif query.album:
            for place in self._titles.titled(query.album, tracks=False):
                yield from self._titles.on(place.rank, place.album, tracks=True)
        elif query.text:
            yield from self._by_text(query.text, tracks=tracks)
        elif has_years(query):
            yield from self._titles.of_years(query, tracks=tracks)

    def _by_text(self, text: str, *, tracks: bool) -> Iterator[Place]:
        """Free text may be a title, and name the artist before or after it."""
        wanted = words(text)
        cuts = range(1, min(len(wanted), _NAME_WORDS) + 1)
        parts = dict.fromkeys(" ".join(part) for cut in cuts for part in (wanted[:cut], wanted[-cut:]))
        for part in parts:
            yield from self._titles.of_artists(sorted(self._population.exact(part)), tracks=tracks)
        yield from self._titles.titled(text, tracks=tracks)
        for part in parts:
            named = sorted(self._population.by_text(part, most=_ARTISTS))
            yield from self._titles.of_artists(named, tracks=tracks)


def _once(places: Iterable[Place]) -> Iterator[Place]:
    seen: set[Place] = set()
    for place in places:
        if place not in seen:
            seen.add(place)
            yield place
