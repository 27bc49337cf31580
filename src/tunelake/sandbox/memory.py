"""A catalogue held in memory: what the facts and a person's own files become."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import msgspec

from tunelake.sandbox.catalogue import (
    About,
    Album,
    AlbumGroup,
    Artist,
    Features,
    Hits,
    Kind,
    Playlist,
    Query,
    Track,
)
from tunelake.sandbox.found import Found, page
from tunelake.sandbox.memory_search import MemorySearch
from tunelake.sandbox.slips import Slips

TOP_TRACKS = 10
RELATED = 20
NEW_RELEASES = 100


class Holding(msgspec.Struct, kw_only=True):
    """The records of a catalogue, by id. `related` is nearest first."""

    artists: dict[str, Artist] = msgspec.field(default_factory=dict)
    albums: dict[str, Album] = msgspec.field(default_factory=dict)
    tracks: dict[str, Track] = msgspec.field(default_factory=dict)
    features: dict[str, Features] = msgspec.field(default_factory=dict)
    playlists: dict[str, Playlist] = msgspec.field(default_factory=dict)
    related: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class MemoryCatalogue:
    """Serves a holding; implements the port `Catalogue`."""

    def __init__(self, holding: Holding, about: About, markets: Sequence[str]) -> None:
        self._holding = holding
        self._about = about
        self._markets = tuple(markets)

    @property
    def about(self) -> About:
        """What this is, and its rights."""
        return self._about

    def artist(self, artist_id: str) -> Artist | None:
        """One artist."""
        return self._holding.artists.get(artist_id)

    def album(self, album_id: str) -> Album | None:
        """One album."""
        return self._holding.albums.get(album_id)

    def track(self, track_id: str) -> Track | None:
        """One track."""
        return self._holding.tracks.get(track_id)

    def features(self, track_id: str) -> Features | None:
        """Audio features of one track."""
        return self._holding.features.get(track_id)

    def playlist(self, playlist_id: str) -> Playlist | None:
        """One playlist."""
        return self._holding.playlists.get(playlist_id)

    def albums_of(self, artist_id: str) -> Sequence[tuple[str, AlbumGroup]]:
        """Own albums newest first, then those the artist only appears on."""
        return self._discographies.get(artist_id, ())

    def top_tracks(self, artist_id: str, market: str) -> Sequence[str]:
        """The most popular tracks that the market may hear."""
        tracks = (self._holding.tracks[one] for one in self._tracks_of.get(artist_id, ()))
        heard = [track for track in tracks if not track.markets or market in track.markets]
        heard.sort(key=lambda track: (-(track.popularity or 0), track.id))
        return tuple(track.id for track in heard[:TOP_TRACKS])

    def related(self, artist_id: str) -> Sequence[str]:
        """The artists given as related."""
        return self._holding.related.get(artist_id, ())[:RELATED]

    def new_releases(self) -> Sequence[str]:
        """The albums with the greatest dates."""
        newest = sorted(self._holding.albums.values(), key=lambda album: (album.release_date, album.id))
        return tuple(album.id for album in reversed(newest[-NEW_RELEASES:]))

    def playlists(self) -> Sequence[str]:
        """All playlists."""
        return tuple(self._holding.playlists)

    def markets(self) -> Sequence[str]:
        """ISO 3166-1 alpha-2 codes."""
        return self._markets

    def search(self, kind: Kind, query: Query, *, offset: int, limit: int) -> Hits:
        """Matches of a query, exact names first, then the most popular."""
        return page([self.find(kind, query)], offset=offset, limit=limit)

    def find(self, kind: Kind, query: Query) -> Found:
        """All matches of a query."""
        return self._search.find(kind, query)

    def near(self, text: str) -> Sequence[str]:
        """Ids of artists whose names are a slip or two from a text."""
        return self._slips.near(text)

    @cached_property
    def _slips(self) -> Slips:
        return Slips((one.id, (one.name, *one.aliases)) for one in self._holding.artists.values())

    @cached_property
    def _search(self) -> MemorySearch:
        holding = self._holding
        return MemorySearch(
            tuple(holding.artists.values()), tuple(holding.albums.values()), tuple(holding.tracks.values())
        )

    @cached_property
    def _tracks_of(self) -> dict[str, list[str]]:
        tracks_of: defaultdict[str, list[str]] = defaultdict(list)
        for track in self._holding.tracks.values():
            for artist_id in track.artist_ids:
                tracks_of[artist_id].append(track.id)
        return dict(tracks_of)

    @cached_property
    def _discographies(self) -> dict[str, list[tuple[str, AlbumGroup]]]:
        lists: defaultdict[str, list[tuple[str, AlbumGroup]]] = defaultdict(list)
        albums = sorted(
            self._holding.albums.values(), key=lambda album: (album.release_date, album.id), reverse=True
        )
        for album in albums:
            for artist_id in album.artist_ids:
                lists[artist_id].append((album.id, album.album_type))
        for album in albums:
            guests = {one for track in album.track_ids for one in self._holding.tracks[track].artist_ids}
            for artist_id in sorted(guests.difference(album.artist_ids)):
                lists[artist_id].append((album.id, "appears_on"))
        return dict(lists)
