"""The gist of an answer of MusicBrainz: the little that decides what to ask next. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from tunelake.sources.gist import Gist, Hit, Part
from tunelake.sources.musicbrainz import wire
from tunelake.sources.musicbrainz.endpoints import at_offset
from tunelake.sources.request import Request

Listed = Sequence[wire.ReleaseGroup | wire.Recording | None]


def read_gist(request: Request, body: bytes) -> Gist:
    """Read the gist.

    Raises:
        ValueError: It is not the JSON that this endpoint answers (msgspec's errors are of this kind).
    """
    if request.endpoint == "mb_search":
        answer = msgspec.json.decode(body, type=wire.ArtistHits)
        return Gist(hits=tuple(_hit(one) for one in answer.artists if one and one.id))
    if request.endpoint == "mb_release_groups":
        groups = msgspec.json.decode(body, type=wire.ReleaseGroups)
        return _list(request, groups.release_groups, groups.release_group_count)
    if request.endpoint == "mb_recordings":
        recordings = msgspec.json.decode(body, type=wire.Recordings)
        return _list(request, recordings.recordings, recordings.recording_count)
    if request.endpoint == "mb_url":
        linked = msgspec.json.decode(body, type=wire.UrlAnswer).relations or ()
        return Gist(hits=tuple(_hit(one.artist) for one in linked if one.artist and one.artist.id))
    artist = msgspec.json.decode(body, type=wire.Artist)
    if not artist.id:
        return Gist()
    # Its own answer is the whole of it, so it has changed when the answer has.
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    return Gist(ids=(artist.id,), hits=(msgspec.structs.replace(_hit(artist), digest=digest),))


def _list(request: Request, items: Listed, total: int | None) -> Gist:
    """A part of a list; the source gives no link to the next, so it is made of the total."""
    at = int(request.param("offset") or 0)
    end = at + len(items)
    following = at_offset(request, end).line if items and end < (total or 0) else None
    keys = tuple(one.id if one else None for one in items)
    return Gist(part=Part(keys=keys, offset=at, total=total, next=following))


def _hit(artist: wire.Artist) -> Hit:
    names = tuple(alias.name for alias in artist.aliases or () if alias.name)
    about = "; ".join(filter(None, (artist.disambiguation or "", artist.country or "")))
    return Hit(artist.id or "", artist.name or "", aliases=names, about=about)
