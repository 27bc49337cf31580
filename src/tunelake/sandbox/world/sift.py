"""Which albums and tracks match the whole of a query."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tunelake.sandbox.catalogue import Query
from tunelake.sandbox.names import matches, words
from tunelake.sandbox.world.artist_search import in_years
from tunelake.sandbox.world.codes import ALBUM, Codes, Ref
from tunelake.sandbox.world.records import Records
from tunelake.sandbox.world.releases import Releases
from tunelake.sandbox.world.title_search import Titled
from tunelake.sandbox.world.titles import Matcher, Place, slot_of


class Sift:
    """Tests places against one query, except for its artist and its genre."""

    def __init__(self, query: Query, releases: Releases, records: Records, codes: Codes) -> None:
        self._query = query
        self._releases = releases
        self._records = records
        self._release = codes.release(query.upc) if query.upc else None
        self._isrc = query.isrc.upper().replace("-", "") if query.isrc is not None else None
        self._track = Titled(query.track, records) if query.track else None
        self._album = Titled(query.album, records) if query.album else None
        self._words = [(word, Titled(word, records)) for word in words(query.text)]
        self._unnamed = lru_cache(maxsize=None)(self._unnamed_of)

    def keeps(self, place: Place) -> bool:
        """Whether a place matches codes, years, titles and text."""
        if not in_years(self._releases.of(place.rank)[place.album].year, self._query):
            return False
        album = place if place.track is None else place._replace(track=None)
        if self._track is not None and not self._track.fits(place):
            return False
        if self._album is not None and not self._album.fits(album):
            return False
        if self._query.upc and self._release != Ref(ALBUM, place.rank, place.album):
            return False
        if place.track is not None and self._isrc is not None:
            return self._records.track(place.rank, place.album, place.track).isrc == self._isrc
        return not self._words or self._has_words(place, album)

    def _has_words(self, place: Place, album: Place) -> bool:
        slots = {slot_of(self._records.first_place(place)), slot_of(album)}
        missing = [
            word
            for word, fits in self._unnamed(place.rank)
            if fits is None or not any(fits(place.rank, slot) for slot in slots)
        ]
        return not missing or matches(" ".join(missing), *self._guests(place))

    def _unnamed_of(self, rank: int) -> list[tuple[str, Matcher | None]]:
        """The words that are not in the artist's name, with the test of the artist's titles for each."""
        names = self._names(rank)
        return [(word, titled.of(rank)) for word, titled in self._words if not matches(word, *names)]

    def _guests(self, place: Place) -> Iterator[str]:
        for one in self._releases.guests(place.rank):
            if one.album == place.album and (one.track is None or one.track == place.track):
                yield from self._names(one.guest)

    def _names(self, rank: int) -> tuple[str, ...]:
        artist = self._records.artist(rank)
        return (artist.name, *artist.aliases)
