"""The endpoints of the ListenBrainz API that Tunelake calls, as values. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tunelake.sources.request import Request

MAX_MBIDS = 100
SIMILAR = 20


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


def body_of(request: Request) -> bytes | None:
    """The body of a question that is posted: lists of ids; None for one that is asked by GET."""
    if request.endpoint != "lb_artist_counts":
        return None
    return msgspec.json.encode({name: value.split(",") for name, value in request.params})
