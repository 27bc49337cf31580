"""Search over the generated world, without an index: names and titles are walked back to their artists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

from tunelake.sandbox.catalogue import Kind, Query
from tunelake.sandbox.found import Found
from tunelake.sandbox.names import exactness, matches, words
from tunelake.sandbox.world.codes import ALBUM, ARTIST, TRACK, Codes, Ref
from tunelake.sandbox.world.population import Population
from tunelake.sandbox.world.records import Records
from tunelake.sandbox.world.releases import Releases
from tunelake.sandbox.world.titles import Place

_EXACT = 2  # below this level a name was asked for itself
_LOOKED_AT = 5_000  # places or artists a search looks at in a large world, the most popular first
_ARTISTS = 1_000  # artists whose titles are always looked at; and those a part of a query may name


class WorldSearch:
    """Finds artists by walking names back to ranks, releases by titles and by artists."""

    def __init__(self, population: Population, releases: Releases, records: Records, codes: Codes) -> None:
        self._population = population
        self._releases = releases
        self._records = records
        self._codes = codes

    def find(self, kind: Kind, query: Query) -> Found:
        """All matches, as far as the search looks: exact names first, then by popularity."""
        if kind == "artist":
            return self._artists(query)
        if kind == "album":
            return self._albums(query)
        return self._tracks(query)

    def _artists(self, query: Query) -> Found:
        if query.album or query.track or query.isrc or query.upc:
            return Found()
        ranks = self._ranks(query)
        if query.year_from is not None or query.year_to is not None:
            ranks = [one for one in islice(ranks, _LOOKED_AT) if self._active(one, query)]
        asked = query.text or query.artist or ""
        near = (self._population.exact(asked) if asked else set()).intersection(ranks)
        levels = sorted((self._exactness(asked, one), one) for one in near)
        exact = [one for level, one in levels if level < _EXACT]
        return Found(
            exact=[self._codes.id(Ref(ARTIST, one)) for one in exact],
            others=_Ids(self._codes, [one for one in ranks if one not in near] if near else ranks),
        )

    def _exactness(self, asked: str, rank: int) -> int:
        artist = self._records.artist(rank)
        return exactness(asked, (artist.name, *artist.aliases))

    def _ranks(self, query: Query) -> Sequence[int]:
        """The artists that match text, artist and genre, the most popular first."""
        sets = [self._population.by_text(text) for text in (query.text, query.artist) if text]
        if query.genre is not None:
            sets.append(self._population.by_genre(query.genre))
        if sets:
            return sorted(set.intersection(*sets))
        years = query.year_from is not None or query.year_to is not None
        return range(self._population.size) if years else ()

    def _active(self, rank: int, query: Query) -> bool:
        return any(_in_years(release.year, query) for release in self._releases.of(rank))

    def _albums(self, query: Query) -> Found:
        if query.track or query.isrc:
            return Found()
        asked = query.album or query.text
        places = self._places(query, asked, tracks=False)
        found: list[tuple[int, int, Ref]] = []
        for place in dict.fromkeys(places):
            if self._fits(place, query):
                level = exactness(asked, (self._records.title(place),))
                popularity = self._records.album_popularity(place.rank, place.album)
                found.append((level, -popularity, Ref(ALBUM, place.rank, place.album)))
        return self._found(found)

    def _tracks(self, query: Query) -> Found:
        if query.upc:
            return Found()
        asked = query.track or query.text
        places = self._places(query, asked, tracks=True)
        found: list[tuple[int, int, Ref]] = []
        for place in dict.fromkeys(places):
            if self._fits(place, query) and place.track is not None:
                track = self._records.track(place.rank, place.album, place.track)
                if query.isrc is not None and track.isrc != query.isrc.upper().replace("-", ""):
                    continue
                level = exactness(asked, (track.name,))
                found.append(
                    (level, -(track.popularity or 0), Ref(TRACK, place.rank, place.album, place.track))
                )
        return self._found(found)

    def _has_isrc(self, rank: int, album: int, track: int, isrc: str) -> bool:
        return self._records.track(rank, album, track).isrc == isrc.upper().replace("-", "")

    def _found(self, found: list[tuple[int, int, Ref]]) -> Found:
        found.sort()
        ids = [(level, self._codes.id(ref)) for level, _, ref in found]
        return Found(
            exact=[one for level, one in ids if level < _EXACT],
            others=[one for level, one in ids if level >= _EXACT],
        )

    def _places(self, query: Query, title: str, *, tracks: bool) -> Iterable[Place]:
        """Existing albums or tracks that may match; what is not among them does not."""
        code = query.isrc or query.upc
        if code is not None:
            ref = self._codes.recording(code) if tracks else self._codes.release(code)
            known = ref is not None and ref.owner < self._population.size
            return self._of_artist(ref.owner, tracks=tracks) if ref is not None and known else ()
        if query.artist or query.genre is not None:
            ranks = self._ranks(Query(artist=query.artist, genre=query.genre))
            return self._of_artists(ranks, tracks=tracks)
        if query.album and tracks:
            return self._on_albums(query.album)
        if title:
            return self._titled(title, query, tracks=tracks)
        if query.year_from is None and query.year_to is None:
            return ()
        return self._of_artists(range(self._population.size), tracks=tracks)

    def _titled(self, title: str, query: Query, *, tracks: bool) -> Iterator[Place]:
        yield from self._by_title(title, tracks=tracks)
        if title != query.text:
            return
        # Free text may name the artist too: "velora midnight road" or "midnight road velora".
        wanted = words(title)
        for cut in range(len(wanted) + 1):
            for part in {" ".join(wanted[:cut]), " ".join(wanted[cut:])} - {""}:
                named = sorted(self._population.by_text(part, most=_ARTISTS))
                yield from self._of_artists(named, tracks=tracks)

    def _on_albums(self, album: str) -> Iterator[Place]:
        for place in self._by_title(album, tracks=False):
            release = self._releases.of(place.rank)[place.album]
            if matches(album, self._records.title(place)):
                yield from (place._replace(track=one) for one in range(release.tracks))

    def _by_title(self, text: str, *, tracks: bool) -> Iterator[Place]:
        for vocabulary, titles in self._records.titles.items():
            for box in titles.boxes(text):
                share = titles.share(box) * (200 if tracks else 8)
                ranks = min(self._population.size, max(_ARTISTS, int(_LOOKED_AT / share)))
                for place in titles.places(box, ranks=ranks, tracks=tracks):
                    if self._records.vocabulary(place.rank) == vocabulary and self._exists(place):
                        yield place
                        yield from self._repeated(place)

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

    def _of_artists(self, ranks: Iterable[int], *, tracks: bool) -> Iterator[Place]:
        places = (place for rank in ranks for place in self._of_artist(rank, tracks=tracks))
        return islice(places, _LOOKED_AT)

    def _of_artist(self, rank: int, *, tracks: bool) -> Iterator[Place]:
        """An artist's own albums or tracks, and those as a guest."""
        for album in range(len(self._releases.of(rank))):
            yield from self._on(rank, album, tracks=tracks)
        for one in self._releases.meetings_as_guest(rank):
            if one.track is None:
                yield from self._on(one.host, one.album, tracks=tracks)
            elif tracks:
                yield Place(one.host, one.album, one.track)

    def _on(self, rank: int, album: int, *, tracks: bool) -> Iterator[Place]:
        if not tracks:
            yield Place(rank, album, None)
            return
        yield from (Place(rank, album, one) for one in range(self._releases.of(rank)[album].tracks))

    def _fits(self, place: Place, query: Query) -> bool:
        """Whether a place matches what a query says of titles, names and years."""
        release = self._releases.of(place.rank)[place.album]
        if not _in_years(release.year, query):
            return False
        title = self._records.title(place)
        album = title if place.track is None else self._records.title(place._replace(track=None))
        if query.track and not matches(query.track, title):
            return False
        if query.album and not matches(query.album, album):
            return False
        if query.upc and self._codes.release(query.upc) != Ref(ALBUM, place.rank, place.album):
            return False
        return not query.text or matches(query.text, title, album, *self._names(place))

    def _names(self, place: Place) -> Iterator[str]:
        ranks = [place.rank]
        ranks.extend(
            one.guest
            for one in self._releases.guests(place.rank)
            if one.album == place.album and (one.track is None or one.track == place.track)
        )
        for rank in ranks:
            artist = self._records.artist(rank)
            yield artist.name
            yield from artist.aliases


class _Ids(Sequence[str]):
    """The ids of artists, made when they are read."""

    def __init__(self, codes: Codes, ranks: Sequence[int]) -> None:
        self._codes = codes
        self._ranks = ranks

    def __len__(self) -> int:
        return len(self._ranks)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self._codes.id(Ref(ARTIST, one)) for one in self._ranks[place]]
        return self._codes.id(Ref(ARTIST, self._ranks[place]))


def _in_years(year: int, query: Query) -> bool:
    return (query.year_from is None or year >= query.year_from) and (
        query.year_to is None or year <= query.year_to
    )
