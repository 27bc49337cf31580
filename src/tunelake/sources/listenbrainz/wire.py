"""The JSON objects of the ListenBrainz API: only the fields that become columns."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

Text = str | None | UnsetType
Whole = int | None | UnsetType


class ArtistCount(msgspec.Struct, gc=False):
    """Listens and listeners of an artist; null for one that nobody listened to."""

    artist_mbid: str | None = None
    total_listen_count: int | None = None
    total_user_count: int | None = None


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
