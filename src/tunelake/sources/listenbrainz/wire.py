"""The JSON objects of the ListenBrainz API: only the fields that become columns."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

Text = str | None | UnsetType
Whole = int | None | UnsetType


class ArtistCount(msgspec.Struct, gc=False):
    """Listens and listeners of an artist; null for one that nobody listened to."""

    artist_mbid: str | None = None
    total_listen_count: Whole = UNSET
    total_user_count: Whole = UNSET


class Credit(msgspec.Struct, gc=False):
    """An artist of a recording, by the name it is credited with."""

    artist_mbid: str | None = None
    artist_credit_name: str | None = None


class Recording(msgspec.Struct, gc=False):
    """A recording with its listens; `length` in milliseconds."""

    recording_mbid: str | None = None
    recording_name: Text = UNSET
    length: Whole = UNSET
    artist_mbids: list[str] = []
    artists: list[Credit] = []
    total_listen_count: Whole = UNSET
    total_user_count: Whole = UNSET


class Near(msgspec.Struct, gc=False):
    """A recording of a similar artist."""

    similar_artist_mbid: str | None = None
    similar_artist_name: str | None = None


class Mapping(msgspec.Struct, gc=False):
    """What the service takes a listen for; the names of its ids are those of additional info."""

    recording_mbid: str | None = None


class Info(msgspec.Struct, gc=False):
    """What who sent a listen told beside the names."""

    recording_mbid: str | None = None


class Played(msgspec.Struct, gc=False):
    """The names of what was listened to."""

    track_name: Text = UNSET
    artist_name: Text = UNSET
    release_name: Text = UNSET
    additional_info: Info | None = None
    mbid_mapping: Mapping | None = None


class Listen(msgspec.Struct, gc=False):
    """One listen; `listened_at` in seconds since 1970."""

    listened_at: int
    recording_msid: str | None = None
    track_metadata: Played | None = None


class Payload(msgspec.Struct, gc=False):
    """A part of a user's listens."""

    listens: list[Listen | None]
    latest_listen_ts: int | None = None


class Listens(msgspec.Struct, gc=False):
    """The answer about a user's listens."""

    payload: Payload
