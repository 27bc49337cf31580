"""The gist of an answer of MusicBrainz: the little that decides what to ask next. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from tunelake.sources.gist import Gist, Hit, Part
from tunelake.sources.musicbrainz import wire
from tunelake.sources.musicbrainz.endpoints import PAGE, at_offset
from tunelake.sources.request import Request
from tunelake.sources.spotify.salvage import read_as

Listed = Sequence[wire.ReleaseGroup | wire.Release | wire.Recording | None]
MUSICAL = (
    "artist rename", "collaboration", "founder", "instrumental supporting musician", "is person",
    "limited collaboration", "member of band", "personal label", "subgroup", "supporting musician", "tribute",
    "vocal supporting musician",
)  # fmt: skip
"""Relations of artists that make music together or are one another; others are of families and schools."""


def read_gist(request: Request, body: bytes) -> Gist:
    """Read the gist.

    Raises:
        Misshapen: It is not what this endpoint answers.
        ValueError: It is no JSON.
    """
    if request.endpoint == "mb_search":
        answer = read_as(body, wire.ArtistHits)
        return Gist(hits=tuple(_hit(one) for one in answer.artists if one and one.id))
    if listed := _LISTS.get(request.endpoint):
        type_, items_of, total_of = listed
        page = read_as(body, type_)
        return _list(request, items_of(page), total_of(page))
    if request.endpoint == "mb_url":
        linked = read_as(body, wire.UrlAnswer).relations or ()
        return Gist(hits=tuple(_hit(one.artist) for one in linked if one.artist and one.artist.id))
    artist = read_as(body, wire.Artist)
    if not artist.id:
        return Gist()
    # Its own answer is the whole of it, so it has changed when the answer has.
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    return Gist(
        ids=(artist.id,), hits=(msgspec.structs.replace(_hit(artist), digest=digest), *_related(artist))
    )


def _related(artist: wire.Artist) -> Iterator[Hit]:
    """The artists it makes or made music with, each once; they follow the artist itself."""
    told = {
        one.artist.id: one.artist
        for one in artist.relations or ()
        if one.artist and one.artist.id not in {None, artist.id} and one.type in MUSICAL
    }
    return (Hit(mbid or "", other.name or "") for mbid, other in told.items())


def _list(request: Request, items: Listed, total: int | None) -> Gist:
    """A part of a list; the source gives no link to the next, so it is made of the total."""
    at = int(request.param("offset") or 0)
    end = at + len(items)
    # Where no total is told, a part that is not full is the last.
    more = end < total if total is not None else len(items) >= PAGE
    following = at_offset(request, end).line if items and more else None
    keys = tuple(one.id if one else None for one in items)
    return Gist(part=Part(keys=keys, offset=at, total=total, next=following))


def _hit(artist: wire.Artist) -> Hit:
    names = tuple(alias.name for alias in artist.aliases or () if alias.name)
    about = "; ".join(filter(None, (artist.disambiguation or "", artist.country or "")))
    return Hit(artist.id or "", artist.name or "", aliases=names, about=about)


_LISTS: dict[str, tuple[Any, Callable[[Any], Listed], Callable[[Any], int | None]]] = {
    "mb_release_groups": (
        wire.ReleaseGroups, attrgetter("release_groups"), attrgetter("release_group_count"),
    ),
    "mb_releases": (wire.Releases, attrgetter("releases"), attrgetter("release_count")),
    "mb_recordings": (wire.Recordings, attrgetter("recordings"), attrgetter("recording_count")),
}  # fmt: skip
