"""The words of the sandbox: what a catalogue holds, and the port every catalogue implements.

The server turns these into the JSON of the Spotify Web API; where they come from (a generated
world, hand-written facts, a person's own files) is the business of the adapters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

Kind = Literal["artist", "album", "track"]
AlbumType = Literal["album", "single", "compilation"]
AlbumGroup = Literal["album", "single", "compilation", "appears_on"]
DatePrecision = Literal["year", "month", "day"]


class Artist(msgspec.Struct, frozen=True, kw_only=True):
    """One artist.

    Attributes:
        id: 22 characters of base 62.
        aliases: Other names that a search finds; never part of an answer.
        popularity: 0 to 100, or None when the catalogue does not know.
        followers: A count, or None when the catalogue does not know.
        group: The planted group (truth for evaluation), or None.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    popularity: int | None = None
    followers: int | None = None
    country: str | None = None
    group: str | None = None


class Album(msgspec.Struct, frozen=True, kw_only=True):
    """One release; `track_ids` are in disc and track order, `markets` are ISO 3166-1 alpha-2 codes."""

    id: str
    name: str
    album_type: AlbumType
    artist_ids: tuple[str, ...]
    release_date: str
    release_date_precision: DatePrecision
    track_ids: tuple[str, ...]
    label: str | None = None
    upc: str | None = None
    popularity: int | None = None
    genres: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """One recording on one album; `duration_ms` in milliseconds."""

    id: str
    name: str
    album_id: str
    artist_ids: tuple[str, ...]
    duration_ms: int
    disc_number: int = 1
    track_number: int = 1
    explicit: bool = False
    isrc: str | None = None
    popularity: int | None = None
    markets: tuple[str, ...] = ()


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """Audio features of one track, in the units of the Spotify Web API (loudness in dB, tempo in BPM)."""

    track_id: str
    danceability: float | None
    energy: float | None
    key: int | None
    loudness: float | None
    mode: int | None
    speechiness: float | None
    acousticness: float | None
    instrumentalness: float | None
    liveness: float | None
    valence: float | None
    tempo: float | None
    time_signature: int | None
    duration_ms: int | None


class Playlist(msgspec.Struct, frozen=True, kw_only=True):
    """One playlist; an item of None is a null item, as the real API serves for removed tracks."""

    id: str
    name: str
    description: str
    owner_id: str
    track_ids: tuple[str | None, ...]
    public: bool = True
    snapshot_id: str = ""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed search: free text and field filters, each None when absent; years are inclusive."""

    text: str = ""
    artist: str | None = None
    album: str | None = None
    track: str | None = None
    genre: str | None = None
    isrc: str | None = None
    upc: str | None = None
    year_from: int | None = None
    year_to: int | None = None


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """One page of search results: ids best first, and how many match in all."""

    ids: tuple[str, ...]
    total: int


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a catalogue is and what may be done with it.

    Attributes:
        label: Shown to people, for example "generated world, seed 7".
        rights: A rights tag: "all" for generated data, else the owner's own (for example "spotify").
    """

    label: str
    rights: str


class Catalogue(Protocol):
    """A music catalogue that the sandbox can serve. Every look-up answers None for an unknown id."""

    @property
    def about(self) -> About:
        """What this is, and its rights."""

    def artist(self, artist_id: str) -> Artist | None:
        """One artist."""

    def album(self, album_id: str) -> Album | None:
        """One album."""

    def track(self, track_id: str) -> Track | None:
        """One track."""

    def features(self, track_id: str) -> Features | None:
        """Audio features of one track."""

    def playlist(self, playlist_id: str) -> Playlist | None:
        """One playlist."""

    def albums_of(self, artist_id: str) -> Sequence[tuple[str, AlbumGroup]]:
        """Album ids of an artist with the group each belongs to, in the order they are listed."""

    def top_tracks(self, artist_id: str, market: str) -> Sequence[str]:
        """At most ten track ids, best first; they may differ between markets."""

    def related(self, artist_id: str) -> Sequence[str]:
        """At most twenty artist ids, nearest first."""

    def new_releases(self) -> Sequence[str]:
        """At most one hundred album ids, newest first."""

    def playlists(self) -> Sequence[str]:
        """The ids of some playlists (all, for a catalogue of files), for demos and tests."""

    def markets(self) -> Sequence[str]:
        """ISO 3166-1 alpha-2 codes."""

    def search(self, kind: Kind, query: Query, *, offset: int, limit: int) -> Hits:
        """Matches of a query; an exact name or alias (case and width folded) ranks first."""

    def near(self, text: str) -> Sequence[str]:
        """Ids of artists whose names are a slip or two from a text that matches nobody, nearest first."""
