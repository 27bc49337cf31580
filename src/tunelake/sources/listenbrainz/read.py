"""The gist of an answer of ListenBrainz: the little that decides what to ask next. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tunelake.sources.gist import Gist, Hit, Part
from tunelake.sources.listenbrainz import wire
from tunelake.sources.listenbrainz.endpoints import listens
from tunelake.sources.request import Request
from tunelake.sources.spotify.salvage import read_as


def read_gist(request: Request, body: bytes) -> Gist:
    """Read the gist.

    Raises:
        Misshapen: It is not what this endpoint answers.
        ValueError: It is no JSON.
    """
    type_, read = _READERS[request.endpoint]
    return read(request, read_as(body, type_))


def _counts(_: Request, answer: list[wire.ArtistCount | None]) -> Gist:
    told = [one for one in answer if one and one.artist_mbid]
    hits = tuple(
        Hit(one.artist_mbid or "", "", digest=f"{one.total_listen_count} {one.total_user_count}")
        for one in told
    )
    return Gist(ids=tuple(one.artist_mbid if one else None for one in answer), hits=hits)


def _top(_: Request, answer: list[wire.Recording | None]) -> Gist:
    return Gist(ids=tuple(one.recording_mbid if one else None for one in answer))


def _similar(_: Request, answer: dict[str, list[wire.Near]]) -> Gist:
    return Gist(
        hits=tuple(Hit(mbid, (ones[0].similar_artist_name or "")) for mbid, ones in answer.items() if ones)
    )


def _listens(request: Request, answer: wire.Listens) -> Gist:
    """A part of a user's listens; the next begins where it ends, as long as later ones are told of."""
    told = [one for one in answer.payload.listens if one]
    after = int(request.param("min_ts") or 0)
    newest = max((one.listened_at for one in told), default=after)
    oldest = min((one.listened_at for one in told), default=after)
    # Of the last second there may be more than fitted in; it is read again, unless it is all that came.
    following = listens(request.param("user") or "", newest - (newest != oldest))
    latest = answer.payload.latest_listen_ts
    more = newest < latest if latest is not None else newest > after
    keys = tuple(f"{one.listened_at} {one.recording_msid}" for one in told)
    return Gist(part=Part(keys=keys, next=following.line if more else None))


_READERS: dict[str, tuple[Any, Callable[[Request, Any], Gist]]] = {
    "lb_artist_counts": (list[wire.ArtistCount | None], _counts),
    "lb_top_recordings": (list[wire.Recording | None], _top),
    "lb_similar": (dict[str, list[wire.Near]], _similar),
    "lb_listens": (wire.Listens, _listens),
}
