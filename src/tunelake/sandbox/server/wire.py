"""The JSON objects of the Spotify Web API, as this server writes them.

A field that is UNSET is absent from the JSON: the profile removed it, or the catalogue does not know it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType


class Wire(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of all objects."""


class Image(Wire, frozen=True, kw_only=True):
    """A picture; sizes in pixels."""

    url: str
    height: int | None
    width: int | None


class Link(Wire, frozen=True, kw_only=True):
    """What every object carries to be found again."""

    external_urls: Mapping[str, str]
    href: str
    id: str
    type: str
    uri: str


class ArtistRef(Link, frozen=True, kw_only=True):
    """An artist inside an album or a track."""

    name: str


class Artist(ArtistRef, frozen=True, kw_only=True):
    """An artist."""

    followers: Mapping[str, int | None] | UnsetType = UNSET
    genres: Sequence[str]
    images: Sequence[Image]
    popularity: int | UnsetType = UNSET


class AlbumRef(Link, frozen=True, kw_only=True):
    """An album in a list or inside a track."""

    album_type: str
    artists: Sequence[ArtistRef]
    available_markets: Sequence[str] | UnsetType = UNSET
    images: Sequence[Image]
    name: str
    release_date: str
    release_date_precision: str
    total_tracks: int
    album_group: str | UnsetType = UNSET
    is_playable: bool | UnsetType = UNSET


class TrackRef(Link, frozen=True, kw_only=True):
    """A track inside an album."""

    artists: Sequence[ArtistRef]
    available_markets: Sequence[str] | UnsetType = UNSET
    disc_number: int
    duration_ms: int
    explicit: bool
    is_local: bool
    is_playable: bool | UnsetType = UNSET
    name: str
    preview_url: str | None
    track_number: int


class Track(TrackRef, frozen=True, kw_only=True):
    """A track; `episode` and `track` stand only in playlists."""

    album: AlbumRef
    external_ids: Mapping[str, str]
    popularity: int | UnsetType = UNSET
    episode: bool | UnsetType = UNSET
    track: bool | UnsetType = UNSET


class Page(Wire, frozen=True, kw_only=True):
    """One page of a list."""

    href: str
    limit: int
    next: str | None
    offset: int
    previous: str | None
    total: int
    items: Sequence[object]


class Album(AlbumRef, frozen=True, kw_only=True):
    """An album with its first page of tracks."""

    copyrights: Sequence[Mapping[str, str]]
    external_ids: Mapping[str, str]
    genres: Sequence[str]
    label: str | UnsetType = UNSET
    popularity: int | UnsetType = UNSET
    tracks: Page


class AudioFeatures(Wire, frozen=True, kw_only=True):
    """Audio features of a track; null where the catalogue does not know."""

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
    type: str = "audio_features"
    id: str
    uri: str
    track_href: str
    analysis_url: str
    duration_ms: int | None
    time_signature: int | None


class Owner(Link, frozen=True, kw_only=True):
    """The user a playlist belongs to."""

    display_name: str


class PlaylistEntry(Wire, frozen=True, kw_only=True):
    """One place in a playlist; `track` is the old name of `item`."""

    added_at: str
    added_by: Link
    is_local: bool
    primary_color: None = None
    track: Track | UnsetType | None = UNSET
    item: Track | UnsetType | None = UNSET
    video_thumbnail: Mapping[str, None]


class Playlist(Link, frozen=True, kw_only=True):
    """A playlist; `tracks` is the old name of `items`."""

    collaborative: bool
    description: str
    followers: Mapping[str, int | None]
    images: Sequence[Image]
    name: str
    owner: Owner
    primary_color: None = None
    public: bool
    snapshot_id: str
    tracks: Page | UnsetType = UNSET
    items: Page | UnsetType = UNSET
