"""The JSON objects of the MusicBrainz web service: only the fields that become columns.

Every field may vanish (UNSET) and may be null, as the service leaves out what was not asked for.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

Text = str | None | UnsetType
Whole = int | None | UnsetType


class Wire(msgspec.Struct, rename="kebab", gc=False):
    """Base of all objects: their fields are written with hyphens."""


class Alias(Wire):
    """Another name."""

    name: str | None = None
    type: Text = UNSET
    locale: Text = UNSET


class Tag(Wire):
    """A tag or a genre, with its votes."""

    name: Text = UNSET
    count: Whole = UNSET


class LifeSpan(Wire):
    """When somebody was active, as dates of any precision."""

    begin: Text = UNSET
    end: Text = UNSET


class Url(Wire):
    """A page elsewhere."""

    resource: Text = UNSET


class Relation(Wire):
    """A link to a page elsewhere or to another artist; `begin` and `end` are dates of any precision."""

    type: Text = UNSET
    url: Url | UnsetType | None = UNSET
    direction: Text = UNSET
    attributes: list[str] | UnsetType | None = UNSET
    begin: Text = UNSET
    end: Text = UNSET
    ended: bool | UnsetType | None = UNSET
    artist: Artist | UnsetType | None = UNSET


class Artist(Wire):
    """An artist, whole or as mentioned in a credit."""

    id: str | None = None
    name: Text = UNSET
    country: Text = UNSET
    score: Whole = UNSET
    disambiguation: Text = UNSET
    life_span: LifeSpan | UnsetType | None = UNSET
    aliases: list[Alias] | UnsetType | None = UNSET
    tags: list[Tag] | UnsetType | None = UNSET
    genres: list[Tag] | UnsetType | None = UNSET
    relations: list[Relation] | UnsetType | None = UNSET


class Credit(Wire):
    """One artist of a release group or a recording."""

    artist: Artist | None = None


class ReleaseGroup(Wire):
    """An album in all its issues."""

    id: str | None = None
    title: Text = UNSET
    primary_type: Text = UNSET
    secondary_types: list[str] | UnsetType | None = UNSET
    first_release_date: Text = UNSET
    artist_credit: list[Credit] | UnsetType | None = UNSET


class Named(Wire):
    """Something of which only the name is read."""

    name: Text = UNSET


class Issued(Wire):
    """A label that a release came out on, and its number there."""

    catalog_number: Text = UNSET
    label: Named | UnsetType | None = UNSET


class Medium(Wire):
    """One disc or file of a release."""

    track_count: Whole = UNSET


class Release(Wire):
    """One issue of an album."""

    id: str | None = None
    title: Text = UNSET
    status: Text = UNSET
    date: Text = UNSET
    country: Text = UNSET
    barcode: Text = UNSET
    label_info: list[Issued] | UnsetType | None = UNSET
    media: list[Medium] | UnsetType | None = UNSET
    release_group: ReleaseGroup | UnsetType | None = UNSET
    artist_credit: list[Credit] | UnsetType | None = UNSET


class Recording(Wire):
    """A recording; `length` in milliseconds."""

    id: str | None = None
    title: Text = UNSET
    length: Whole = UNSET
    isrcs: list[str] | UnsetType | None = UNSET
    artist_credit: list[Credit] | UnsetType | None = UNSET


class ArtistHits(Wire):
    """The answer of a search."""

    artists: list[Artist | None]
    count: int | None = None


class ReleaseGroups(Wire):
    """A page of release groups."""

    release_groups: list[ReleaseGroup | None]
    release_group_count: int | None = None
    release_group_offset: int = 0


class Releases(Wire):
    """A page of releases."""

    releases: list[Release | None]
    release_count: int | None = None
    release_offset: int = 0


class Recordings(Wire):
    """A page of recordings."""

    recordings: list[Recording | None]
    recording_count: int | None = None
    recording_offset: int = 0


class UrlAnswer(Wire):
    """The answer about a page elsewhere."""

    resource: str | None = None
    relations: list[Relation] | UnsetType | None = UNSET
