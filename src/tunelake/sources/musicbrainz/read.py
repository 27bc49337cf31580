"""The gist of an answer of MusicBrainz: the little that decides what to ask next. Pure."""

from __future__ import annotations

import msgspec

from tunelake.sources.musicbrainz import wire
from tunelake.sources.spotify.endpoints import Request


class Named(msgspec.Struct, frozen=True):
    """An artist that a search found, with its other names."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    score: int = 0


class Gist(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from an answer.

    Attributes:
        hits: Artists found, best first; the artist itself for its own answer.
        count: Items of a page of a list.
        total: Length of the whole list as the source states it.
    """

    hits: tuple[Named, ...] = ()
    count: int = 0
    total: int | None = None


def read_gist(request: Request, body: bytes) -> Gist:
    """Read the gist.

    Raises:
        ValueError: It is not the JSON that this endpoint answers (msgspec's errors are of this kind).
    """
    if request.endpoint == "mb_search":
        answer = msgspec.json.decode(body, type=wire.ArtistHits)
        return Gist(hits=tuple(_named(one) for one in answer.artists if one and one.id))
    if request.endpoint == "mb_release_groups":
        groups = msgspec.json.decode(body, type=wire.ReleaseGroups)
        return Gist(count=len(groups.release_groups), total=groups.release_group_count)
    if request.endpoint == "mb_recordings":
        recordings = msgspec.json.decode(body, type=wire.Recordings)
        return Gist(count=len(recordings.recordings), total=recordings.recording_count)
    if request.endpoint == "mb_url":
        linked = msgspec.json.decode(body, type=wire.UrlAnswer).relations or ()
        return Gist(hits=tuple(_named(one.artist) for one in linked if one.artist and one.artist.id))
    artist = msgspec.json.decode(body, type=wire.Artist)
    return Gist(hits=(_named(artist),) if artist.id else ())


def _named(artist: wire.Artist) -> Named:
    names = tuple(alias.name for alias in artist.aliases or () if alias.name)
    return Named(artist.id or "", artist.name or "", names, artist.score or 0)
