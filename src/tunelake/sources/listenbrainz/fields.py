"""Which fields the objects of the ListenBrainz API have, of what type, and which always. Pure."""

from __future__ import annotations

import msgspec

from tunelake.domain.fields import Shape
from tunelake.sources.fields import Fields, typed
from tunelake.sources.shapes import look_at_all

_COUNTS = typed(number="total_listen_count total_user_count")
KNOWN: dict[str, dict[str, str]] = {
    "count": _COUNTS | typed(text="artist_mbid"),
    "recording": _COUNTS | typed(
        text="recording_mbid recording_name artist_name caa_release_mbid release_mbid release_name",
        number="length caa_id", several="artist_mbids artists", inner="release_color",
    ),
    "credit": typed(text="artist_mbid artist_credit_name join_phrase"),
    "near": _COUNTS | typed(text="recording_mbid similar_artist_mbid similar_artist_name"),
    "page": typed(
        text="user_id", number="count latest_listen_ts oldest_listen_ts", several="listens",
    ),
    "listen": typed(
        text="recording_msid user_name", number="listened_at inserted_at", inner="track_metadata",
    ),
    "played": typed(
        text="track_name artist_name release_name",
        inner="additional_info brainzplayer_metadata mbid_mapping",
    ),
    "mapping": typed(
        text="recording_mbid recording_name release_mbid caa_release_mbid", number="caa_id",
        several="artist_mbids artists",
    ),
}  # fmt: skip
# What additional_info holds is up to the program that sent the listen.
INSIDE: dict[str, dict[str, str]] = {
    "recording": {"artists": "credit"},
    "listen": {"track_metadata": "played"},
    "played": {"mbid_mapping": "mapping"},
}
_ALWAYS = {
    "count": "artist_mbid total_listen_count total_user_count",
    "recording": "recording_mbid recording_name length artist_mbids artists total_listen_count "
    "total_user_count",
    "credit": "artist_mbid artist_credit_name",
    "near": "similar_artist_mbid similar_artist_name",
    "page": "listens latest_listen_ts",
    "listen": "listened_at recording_msid track_metadata",
    "played": "track_name artist_name",
    "mapping": "recording_mbid",
}
AT_TIMES: dict[str, frozenset[str]] = {
    "recording": frozenset({"release_color"}),
    "played": frozenset({"release_name", "additional_info", "brainzplayer_metadata", "mbid_mapping"}),
    "mapping": frozenset(KNOWN["mapping"]) - {"recording_mbid"},
}
_ROOTS = {
    "lb_artist_counts": "count",
    "lb_top_recordings": "recording",
    "lb_similar": "near",
    "lb_listens": "listen",
}


def shapes(endpoint: str, body: bytes) -> dict[str, Shape]:
    """The fields of the objects of an answer and of those in them, by place."""
    answer, kind = msgspec.json.decode(body), _ROOTS.get(endpoint, "")
    found: dict[str, Shape] = {}
    if endpoint == "lb_similar" and isinstance(answer, dict):
        answer = list(answer.values())
    if endpoint == "lb_listens":
        page = answer.get("payload") if isinstance(answer, dict) else None
        look_at_all(page, "page", "page", INSIDE, found)
        answer = page.get("listens") if isinstance(page, dict) else None
    if kind:
        look_at_all(answer, kind, kind, INSIDE, found)
    return found


def expected(endpoint: str, place: str) -> frozenset[str]:  # noqa: ARG001  as of other sources
    """The fields that tables, or reading on, take from a place of an answer."""
    return frozenset(_ALWAYS[LISTENBRAINZ.kind_of(place)].split())


LISTENBRAINZ = Fields(
    source="listenbrainz",
    known=KNOWN,
    inside=INSIDE,
    at_times=AT_TIMES,
    either={},
    expected=expected,
    promised=lambda endpoint, place, _: expected(endpoint, place),
    shapes=shapes,
)
"""What is known of the fields of ListenBrainz."""
