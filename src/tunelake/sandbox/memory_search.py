"""Search over artists, albums and tracks held in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from tunelake.sandbox.catalogue import Album, Artist, Kind, Query, Track
from tunelake.sandbox.found import Found
from tunelake.sandbox.names import exactness, words
from tunelake.sandbox.text_index import TextIndex

_OTHERS = 2

Thing = TypeVar("Thing", Artist, Album, Track)

Numbers = set[int]


class MemorySearch:
    """Finds by numbers: each artist, album and track is its place in the sequence it came in."""

    def __init__(self, artists: Sequence[Artist], albums: Sequence[Album], tracks: Sequence[Track]) -> None:
        self._artists = artists
        self._albums = albums
        self._tracks = tracks

    def find(self, kind: Kind, query: Query) -> Found:
        """All matches: exact names first, then by popularity."""
        if kind == "artist":
            return self._found_artists(query)
        if kind == "album":
            return self._found_albums(query)
        return self._found_tracks(query)

    def _found_artists(self, query: Query) -> Found:
        if query.album or query.track or query.isrc or query.upc:
            return Found()
        sets = [self._artist_names.by_text(text) for text in (query.text, query.artist) if text]
        if query.genre is not None:
            sets.append(self._of_genre(query.genre))
        if _has_years(query):
            sets.append(self._artists_of(self._albums_in(query)))
        return _ranked(
            (self._artists[one] for one in _all_of(sets)),
            query.text or query.artist or "",
            lambda artist: (artist.name, *artist.aliases),
        )

    def _found_albums(self, query: Query) -> Found:
        if query.track or query.isrc:
            return Found()
        sets: list[Numbers] = []
        if query.text:
            sets.append(self._albums_by_text(query.text))
        if query.album:
            sets.append(self._album_names.by_text(query.album))
        if query.artist:
            sets.append(self._albums_by(self._artist_names.by_text(query.artist)))
        if query.genre is not None:
            sets.append(self._albums_by(self._of_genre(query.genre)))
        if query.upc is not None:
            sets.append({n for n, album in enumerate(self._albums) if album.upc == query.upc})
        if _has_years(query):
            sets.append(self._albums_in(query))
        return _ranked(
            (self._albums[one] for one in _all_of(sets)),
            query.album or query.text,
            lambda album: (album.name,),
        )

    def _found_tracks(self, query: Query) -> Found:
        if query.upc:
            return Found()
        sets: list[Numbers] = []
        if query.isrc is not None:
            sets.append(set(self._isrcs.get(query.isrc.upper(), ())))
        if query.text:
            sets.append(self._tracks_by_text(query.text))
        if query.track:
            sets.append(self._track_names.by_text(query.track))
        if query.album:
            sets.append(self._tracks_on(self._album_names.by_text(query.album)))
        if query.artist:
            sets.append(self._tracks_by(self._artist_names.by_text(query.artist)))
        if query.genre is not None:
            sets.append(self._tracks_by(self._of_genre(query.genre)))
        if _has_years(query):
            sets.append(self._tracks_on(self._albums_in(query)))
        return _ranked(
            (self._tracks[one] for one in _all_of(sets)),
            query.track or query.text,
            lambda track: (track.name,),
        )

    def _albums_by_text(self, text: str) -> Numbers:
        """Albums where every word is in the title or the name of an artist of it."""
        sets = [
            self._album_names.by_word(word) | self._albums_by(self._artist_names.by_word(word))
            for word in words(text)
        ]
        whole = self._album_names.exact(text) | self._albums_by(self._artist_names.exact(text))
        return _all_of(sets) | whole

    def _tracks_by_text(self, text: str) -> Numbers:
        """Tracks where every word is in the title, the album's title or the name of an artist."""
        sets = [
            self._track_names.by_word(word)
            | self._tracks_on(self._album_names.by_word(word))
            | self._tracks_by(self._artist_names.by_word(word))
            for word in words(text)
        ]
        whole = self._track_names.exact(text) | self._tracks_by(self._artist_names.exact(text))
        return _all_of(sets) | whole

    def _of_genre(self, genre: str) -> Numbers:
        return self._genre_names.by_text(genre)

    def _albums_in(self, query: Query) -> Numbers:
        first, last = query.year_from or 0, query.year_to or 9999
        years = ((number, album.release_date[:4]) for number, album in enumerate(self._albums))
        return {number for number, year in years if year.isdigit() and first <= int(year) <= last}

    def _albums_by(self, artists: Numbers) -> Numbers:
        return {album for artist in artists for album in self._by_artist[0].get(self._artists[artist].id, ())}

    def _tracks_by(self, artists: Numbers) -> Numbers:
        return {track for artist in artists for track in self._by_artist[1].get(self._artists[artist].id, ())}

    def _tracks_on(self, albums: Numbers) -> Numbers:
        return {track for album in albums for track in self._by_album.get(self._albums[album].id, ())}

    def _artists_of(self, albums: Numbers) -> Numbers:
        wanted = {artist_id for album in albums for artist_id in self._albums[album].artist_ids}
        return {number for number, artist in enumerate(self._artists) if artist.id in wanted}

    @cached_property
    def _artist_names(self) -> TextIndex:
        return TextIndex((artist.name, *artist.aliases) for artist in self._artists)

    @cached_property
    def _genre_names(self) -> TextIndex:
        return TextIndex(artist.genres for artist in self._artists)

    @cached_property
    def _album_names(self) -> TextIndex:
        return TextIndex((album.name,) for album in self._albums)

    @cached_property
    def _track_names(self) -> TextIndex:
        return TextIndex((track.name,) for track in self._tracks)

    @cached_property
    def _by_artist(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        return (
            _grouped((one, n) for n, album in enumerate(self._albums) for one in album.artist_ids),
            _grouped((one, n) for n, track in enumerate(self._tracks) for one in track.artist_ids),
        )

    @cached_property
    def _by_album(self) -> dict[str, list[int]]:
        return _grouped((track.album_id, number) for number, track in enumerate(self._tracks))

    @cached_property
    def _isrcs(self) -> dict[str, list[int]]:
        return _grouped((track.isrc, n) for n, track in enumerate(self._tracks) if track.isrc is not None)


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for group, number in pairs:
        groups[group].append(number)
    return dict(groups)


def _all_of(sets: Sequence[Numbers]) -> Numbers:
    return set.intersection(*sets) if sets else set()


def _has_years(query: Query) -> bool:
    return query.year_from is not None or query.year_to is not None


def _ranked(things: Iterable[Thing], text: str, names: Callable[[Thing], tuple[str, ...]]) -> Found:
    levels = [(exactness(text, names(thing)), -(thing.popularity or 0), thing.id) for thing in things]
    levels.sort()
    return Found(
        exact=[one for level, _, one in levels if level < _OTHERS],
        others=[one for level, _, one in levels if level == _OTHERS],
    )
