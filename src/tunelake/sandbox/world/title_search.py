"""Albums and tracks of the generated world by their titles, those of the most popular artists first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from tunelake.sandbox.catalogue import Query
from tunelake.sandbox.names import words
from tunelake.sandbox.world.artist_search import in_years
from tunelake.sandbox.world.population import Population
from tunelake.sandbox.world.records import Records
from tunelake.sandbox.world.releases import Releases
from tunelake.sandbox.world.titles import Matcher, Place, slot_of

_READ = 1_000  # artists whose titles are all read; those of others are walked back to where they are rare
_WALKED = 1_500  # places that are walked back at most
_DATED = 5_000  # artists whose years are looked at
_ALBUMS, _TRACKS = 8, 200  # about how many places an artist fills, of those titles can be in


class Titled:
    """Tells which titles match every word of a text."""

    def __init__(self, text: str, records: Records) -> None:
        self._records = records
        fits = {key: titles.matcher(words(text)) for key, titles in records.titles.items()}
        self._fits: Mapping[str, Matcher] = {key: fit for key, fit in fits.items() if fit is not None}

    def __bool__(self) -> bool:
        """Whether any title can match."""
        return bool(self._fits)

    def of(self, rank: int) -> Matcher | None:
        """The test of an artist's titles; None when they are in a language where no title matches."""
        return self._fits.get(self._records.vocabulary(rank))

    def fits(self, place: Place) -> bool:
        """Whether the title of a place matches."""
        fit = self.of(place.rank)
        return fit is not None and fit(place.rank, slot_of(self._records.first_place(place)))


class TitleSearch:
    """Finds places that exist."""

    def __init__(self, population: Population, releases: Releases, records: Records) -> None:
        self._population = population
        self._releases = releases
        self._records = records

    def titled(self, text: str, *, tracks: bool) -> Iterator[Place]:
        """Places whose titles match; of less popular artists only rare ones, and some that do not match."""
        titled = Titled(text, self._records)
        if not titled:
            return
        for rank in range(min(self._population.size, _READ)):
            fit = titled.of(rank)
            if fit is not None:
                yield from self._fitting(rank, fit, tracks=tracks)
        if self._population.size > _READ:
            yield from self._beyond(text, tracks=tracks)

    def of_artists(self, ranks: Iterable[int], *, tracks: bool, as_guests: bool = True) -> Iterator[Place]:
        """The artists' own albums or tracks, and those as a guest."""
        for rank in ranks:
            for album in range(len(self._releases.of(rank))):
                yield from self.on(rank, album, tracks=tracks)
            for one in self._releases.meetings_as_guest(rank) if as_guests else ():
                if one.track is None:
                    yield from self.on(one.host, one.album, tracks=tracks)
                elif tracks:
                    yield Place(one.host, one.album, one.track)

    def of_years(self, query: Query, *, tracks: bool) -> Iterator[Place]:
        """What came out in the years of a query."""
        for rank in range(min(self._population.size, _DATED)):
            for album, release in enumerate(self._releases.of(rank)):
                if in_years(release.year, query):
                    yield from self.on(rank, album, tracks=tracks)

    def on(self, rank: int, album: int, *, tracks: bool) -> Iterator[Place]:
        """An album, or its tracks."""
        if not tracks:
            yield Place(rank, album, None)
            return
        yield from (Place(rank, album, one) for one in range(self._releases.of(rank)[album].tracks))

    def _fitting(self, rank: int, fit: Matcher, *, tracks: bool) -> Iterator[Place]:
        for place in self.of_artists((rank,), tracks=tracks, as_guests=False):
            if fit(rank, slot_of(self._records.first_place(place))):
                yield place

    def _beyond(self, text: str, *, tracks: bool) -> Iterator[Place]:
        for place in islice(self._walked_back(text, tracks=tracks), _WALKED):
            if place is not None:
                yield place
                yield from self._repeated(place)

    def _walked_back(self, text: str, *, tracks: bool) -> Iterator[Place | None]:
        """Places from boxes that hold few, None for each that nobody has filled."""
        for vocabulary, titles in self._records.titles.items():
            for box in titles.boxes(text):
                ranks = int(_WALKED / (titles.share(box) * (_TRACKS if tracks else _ALBUMS)))
                if ranks < 2 * _READ:
                    continue
                for place in titles.places(box, ranks=min(ranks, self._population.size), tracks=tracks):
                    known = self._records.vocabulary(place.rank) == vocabulary and self._exists(place)
                    yield place if known else None

    def _repeated(self, place: Place) -> Iterator[Place]:
        """The same recording on the artist's compilation."""
        releases = self._releases.of(place.rank)
        wanted = (place.album, place.track)
        if releases[-1].repeats and wanted in releases[-1].repeats:
            yield Place(place.rank, len(releases) - 1, releases[-1].repeats.index(wanted))

    def _exists(self, place: Place) -> bool:
        releases = self._releases.of(place.rank)
        return place.album < len(releases) and (
            place.track is None
            or (not releases[place.album].repeats and place.track < releases[place.album].tracks)
        )
