"""Two catalogues served as one: the facts beside the generated world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tunelake.sandbox.catalogue import (
    About,
    Album,
    AlbumGroup,
    Artist,
    Catalogue,
    Features,
    Hits,
    Kind,
    Playlist,
    Query,
    Track,
)
from tunelake.sandbox.found import Found, page

NEW_RELEASES = 100


class Searchable(Catalogue, Protocol):
    """A catalogue whose finds can be put beside those of another."""

    def find(self, kind: Kind, query: Query) -> Found:
        """All matches of a query."""


class BothCatalogues:
    """Serves two catalogues with no id in common; implements the port `Catalogue`."""

    def __init__(self, first: Searchable, second: Searchable, about: About) -> None:
        self._first = first
        self._second = second
        self._about = about

    @property
    def about(self) -> About:
        """What this is, and its rights."""
        return self._about

    def artist(self, artist_id: str) -> Artist | None:
        """One artist."""
        return self._first.artist(artist_id) or self._second.artist(artist_id)

    def album(self, album_id: str) -> Album | None:
        """One album."""
        return self._first.album(album_id) or self._second.album(album_id)

    def track(self, track_id: str) -> Track | None:
        """One track."""
        return self._first.track(track_id) or self._second.track(track_id)

    def features(self, track_id: str) -> Features | None:
        """Audio features of one track."""
        return self._first.features(track_id) or self._second.features(track_id)

    def playlist(self, playlist_id: str) -> Playlist | None:
        """One playlist."""
        return self._first.playlist(playlist_id) or self._second.playlist(playlist_id)

    def albums_of(self, artist_id: str) -> Sequence[tuple[str, AlbumGroup]]:
        """Album ids of an artist with their groups."""
        return self._first.albums_of(artist_id) or self._second.albums_of(artist_id)

    def top_tracks(self, artist_id: str, market: str) -> Sequence[str]:
        """At most ten track ids, best first."""
        return self._first.top_tracks(artist_id, market) or self._second.top_tracks(artist_id, market)

    def related(self, artist_id: str) -> Sequence[str]:
        """At most twenty artist ids, nearest first."""
        return self._first.related(artist_id) or self._second.related(artist_id)

    def new_releases(self) -> Sequence[str]:
        """The second catalogue's newest albums: the first holds history."""
        return (*self._second.new_releases(), *self._first.new_releases())[:NEW_RELEASES]

    def playlists(self) -> Sequence[str]:
        """Playlists of both."""
        return (*self._first.playlists(), *self._second.playlists())

    def markets(self) -> Sequence[str]:
        """The markets of either."""
        return tuple(sorted({*self._first.markets(), *self._second.markets()}))

    def search(self, kind: Kind, query: Query, *, offset: int, limit: int) -> Hits:
        """Matches in both: exact names first, and the first catalogue's before the second's."""
        found = [self._first.find(kind, query), self._second.find(kind, query)]
        return page(found, offset=offset, limit=limit)

    def near(self, text: str) -> Sequence[str]:
        """Ids of artists whose names are a slip or two from a text, the first catalogue's first."""
        return (*self._first.near(text), *self._second.near(text))
