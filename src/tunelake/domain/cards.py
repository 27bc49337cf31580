"""What is published and shown: one document an artist, complete enough to answer by one read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec


class TopTrack(msgspec.Struct, frozen=True, kw_only=True):
    """A track of an artist's card; `album` and `year` are None when not collected."""

    track_id: str
    name: str
    rank: int
    album: str | None = None
    year: int | None = None
    duration_ms: int | None = None
    popularity: int | None = None
    url: str | None = None


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """An album of the discography; `date` is as precise as the source ("1997", "1997-05", "1997-05-21")."""

    album_id: str
    name: str
    kind: str
    date: str | None = None
    tracks: int | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why two artists are similar, by one kind of evidence.

    Attributes:
        channel: The kind of evidence.
        score: 0 (nothing in common) to 1 (the same).
        facts: The things in common or the features that are closest, for people and for words.
    """

    channel: Literal["sound", "genres", "collaboration"]
    score: float
    facts: tuple[str, ...] = ()


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """A similar artist, nearest first; `distance` is the baseline's, None without features."""

    entity_id: str
    name: str
    rank: int
    score: float
    distance: float | None
    reasons: tuple[Reason, ...]
    image_url: str | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Where a document's facts come from: the source, its rights, when observed, the raw page."""

    source: str
    rights: str
    observed_at: datetime
    page_id: str


class ArtistDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an answer about one artist needs.

    Attributes:
        entity_id: Tunelake's own id of the artist.
        aliases: Other names this artist was asked for and found by.
        followers: A count, None when the source does not tell.
        popularity: 0 to 100, None when the source does not tell.
        features: Mean audio feature by name over the top tracks (0-1; loudness in dB).
        top_kind: What `top_tracks` shows: the source's own ranking for a market, or the newest
            tracks where the source does not give a ranking (development mode).
        collected: False for an artist whose own tracks and albums were not asked for yet.
    """

    entity_id: str
    source: str
    artist_id: str
    name: str
    aliases: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    popularity: int | None = None
    followers: int | None = None
    country: str | None = None
    url: str | None = None
    image_url: str | None = None
    features: dict[str, float] = {}
    top_kind: Literal["top_tracks", "tracks"] = "top_tracks"
    top_tracks: tuple[TopTrack, ...] = ()
    releases: tuple[Release, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    collected: bool = True
    receipt: Receipt | None = None
    note: str | None = None
