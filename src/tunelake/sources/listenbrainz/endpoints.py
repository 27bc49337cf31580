"""The endpoints of the ListenBrainz API that Tunelake calls, as values. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from tunelake.sources.request import Request

MAX_MBIDS = 100
SIMILAR = 20
MAX_LISTENS = 1000


def popularity(mbids: Iterable[str]) -> Request:
    """Listens and listeners of up to a hundred artists."""
    return Request("lb_artist_counts", "/1/popularity/artist", (("artist_mbids", ",".join(mbids)),))


def top_recordings(mbid: str) -> Request:
    """The recordings of an artist that are listened to most."""
    return Request("lb_top_recordings", f"/1/popularity/top-recordings-for-artist/{mbid}")


def similar_artists(mbid: str) -> Request:
    """Artists that are listened to by the same people, nearest first."""
    params = {
        "mode": "easy",
        "max_similar_artists": str(SIMILAR),
        "max_recordings_per_artist": "1",
        "pop_begin": "0",
        "pop_end": "100",
    }
    return Request("lb_similar", f"/1/lb-radio/artist/{mbid}", tuple(params.items()))


def listens(user: str, after: int) -> Request:
    """What a user listened to after a time (seconds since 1970), those right after it first.

    The name stands among the parameters, too, so that every page says whose it is.
    """
    params = (("min_ts", str(after)), ("count", str(MAX_LISTENS)), ("user", user))
    return Request("lb_listens", f"/1/user/{quote(user, safe='')}/listens", params)


def body_of(request: Request) -> bytes | None:
    """The body of a question that is posted: lists of ids; None for one that is asked by GET."""
    if request.endpoint != "lb_artist_counts":
        return None
    return msgspec.json.encode({name: value.split(",") for name, value in request.params})
