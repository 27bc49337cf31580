"""The JSON objects of the Spotify Web API as typed structs: only the fields that become columns.

Every field may vanish (UNSET) and may be null. Fields that are not declared are skipped by the
decoder, which is what makes it fast; `drift.py` knows the rest by name. Lists of markets stay as they stand
in the answer, empty where there was none (`markets.py`). The cyclic garbage collector does
not watch them (`gc=False`): thousands are made a page, and none may ever point back to its owner.
"""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

Text = str | None | UnsetType
Whole = int | None | UnsetType
Real = float | None | UnsetType
Flag = bool | None | UnsetType

Item = TypeVar("Item")


class Urls(msgspec.Struct, gc=False):
    """Links for people, and nothing else is used of them."""

    spotify: Text = UNSET


class Image(msgspec.Struct, gc=False):
    """A picture; the first of a list is the widest."""

    url: Text = UNSET


class Total(msgspec.Struct, gc=False):
    """A count inside an object, such as `followers`."""

    total: Whole = UNSET


class ExternalIds(msgspec.Struct, gc=False):
    """Codes of the industry."""

    isrc: Text = UNSET
    upc: Text = UNSET


class LinkedFrom(msgspec.Struct, gc=False):
    """The id that was asked for, when the answer is another track."""

    id: Text = UNSET


class Paged(msgspec.Struct, Generic[Item], gc=False):
    """One page of a list."""

    items: list[Item | None] | UnsetType | None = UNSET
    offset: Whole = UNSET
    total: Whole = UNSET
    next: Text = UNSET


class Artist(msgspec.Struct, gc=False):
    """An artist, whole or as mentioned in another object (then without genres and counts)."""

    id: str | None = None
    name: Text = UNSET
    external_urls: Urls | UnsetType | None = UNSET
    popularity: Whole = UNSET
    followers: Total | UnsetType | None = UNSET
    genres: list[str] | UnsetType | None = UNSET
    images: list[Image] | UnsetType | None = UNSET


class Album(msgspec.Struct, gc=False):
    """An album, whole or as mentioned in another object."""

    id: str | None = None
    name: Text = UNSET
    album_type: Text = UNSET
    artists: list[Artist] | UnsetType | None = UNSET
    release_date: Text = UNSET
    release_date_precision: Text = UNSET
    total_tracks: Whole = UNSET
    external_urls: Urls | UnsetType | None = UNSET
    images: list[Image] | UnsetType | None = UNSET
    label: Text = UNSET
    popularity: Whole = UNSET
    external_ids: ExternalIds | UnsetType | None = UNSET
    available_markets: msgspec.Raw = msgspec.Raw()
    tracks: Paged[Track] | UnsetType | None = UNSET


class Track(msgspec.Struct, gc=False):
    """A track, whole or as part of an album; also an episode in a playlist, told by `type`."""

    id: str | None = None
    name: Text = UNSET
    type: Text = UNSET
    album: Album | UnsetType | None = UNSET
    artists: list[Artist] | UnsetType | None = UNSET
    disc_number: Whole = UNSET
    track_number: Whole = UNSET
    duration_ms: Whole = UNSET
    explicit: Flag = UNSET
    external_ids: ExternalIds | UnsetType | None = UNSET
    popularity: Whole = UNSET
    is_local: Flag = UNSET
    linked_from: LinkedFrom | UnsetType | None = UNSET
    preview_url: Text = UNSET
    external_urls: Urls | UnsetType | None = UNSET
    available_markets: msgspec.Raw = msgspec.Raw()


class Features(msgspec.Struct, gc=False):
    """Audio features of one track."""

    id: str | None = None
    danceability: Real = UNSET
    energy: Real = UNSET
    key: Whole = UNSET
    loudness: Real = UNSET
    mode: Whole = UNSET
    speechiness: Real = UNSET
    acousticness: Real = UNSET
    instrumentalness: Real = UNSET
    liveness: Real = UNSET
    valence: Real = UNSET
    tempo: Real = UNSET
    time_signature: Whole = UNSET
    duration_ms: Whole = UNSET


class Owner(msgspec.Struct, gc=False):
    """The user a playlist belongs to."""

    id: Text = UNSET
    display_name: Text = UNSET


class Entry(msgspec.Struct, gc=False):
    """One place in a playlist; what stands there is `item`, and was `track` before March 2026."""

    added_at: datetime | UnsetType | None = UNSET
    is_local: Flag = UNSET
    item: Track | UnsetType | None = UNSET
    track: Track | UnsetType | None = UNSET


class Playlist(msgspec.Struct, gc=False):
    """A playlist; its first items are `items`, and were `tracks` before March 2026."""

    id: str | None = None
    name: Text = UNSET
    description: Text = UNSET
    owner: Owner | UnsetType | None = UNSET
    public: Flag = UNSET
    collaborative: Flag = UNSET
    followers: Total | UnsetType | None = UNSET
    snapshot_id: Text = UNSET
    external_urls: Urls | UnsetType | None = UNSET
    items: Paged[Entry] | UnsetType | None = UNSET
    tracks: Paged[Entry] | UnsetType | None = UNSET


class Context(msgspec.Struct, gc=False):
    """From where something was played."""

    uri: Text = UNSET


class Play(msgspec.Struct, gc=False):
    """One play of a user's history."""

    track: Track | UnsetType | None = UNSET
    played_at: Text = UNSET
    context: Context | UnsetType | None = UNSET


class Other(msgspec.Struct, gc=False):
    """Something no table takes, such as a show; it is only counted."""


class ArtistList(msgspec.Struct, gc=False):
    """The answer of `/artists?ids` and of related artists."""

    artists: list[Artist | None] | UnsetType | None = UNSET


class AlbumList(msgspec.Struct, gc=False):
    """The answer of `/albums?ids`."""

    albums: list[Album | None] | UnsetType | None = UNSET


class TrackList(msgspec.Struct, gc=False):
    """The answer of `/tracks?ids` and of top tracks."""

    tracks: list[Track | None] | UnsetType | None = UNSET


class FeaturesAnswer(Features, gc=False):
    """The answer of `/audio-features`, for one track or, in a list, for many."""

    audio_features: list[Features | None] | UnsetType | None = UNSET


class Lists(msgspec.Struct, gc=False):
    """Lists by kind: the answer of search, new releases, featured playlists, followed artists."""

    artists: Paged[Artist] | UnsetType | None = UNSET
    albums: Paged[Album] | UnsetType | None = UNSET
    tracks: Paged[Track] | UnsetType | None = UNSET
    playlists: Paged[Playlist] | UnsetType | None = UNSET
    shows: Paged[Other] | UnsetType | None = UNSET
    episodes: Paged[Other] | UnsetType | None = UNSET
    audiobooks: Paged[Other] | UnsetType | None = UNSET


class Alias(msgspec.Struct):
    """Tunelake's own record of a name by which an artist was found; it lands like an answer."""

    artist_id: str
    alias: str
    method: str
    confidence: float
