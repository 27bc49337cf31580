"""Which fields an answer has, of what form: found cheaply, by one object of each kind a page.

The typed decoder skips what it does not know without telling. So the first object of each list is read a
second time, untyped; a field that is new, gone or of another type in all objects is so in the first one too.
"""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder
from typing import Any

from tunelake.domain.fields import Shape
from tunelake.sources.fields import Fields
from tunelake.sources.shapes import look
from tunelake.sources.spotify.fields import AT_TIMES, EITHER, INSIDE, KNOWN, expected, promised

_OF_ENDPOINT = {
    "search": "artist", "search_tracks": "track", "new_releases": "album", "my_followed_artists": "artist",
    "artist": "artist", "artists": "artist", "related_artists": "artist", "my_top_artists": "artist",
    "album": "album", "albums": "album", "artist_albums": "album",
    "track": "track", "tracks": "track", "top_tracks": "track", "album_tracks": "track",
    "my_top_tracks": "track", "audio_features": "features", "playlist": "playlist",
    "playlist_items": "entry", "my_recent_plays": "play",
}  # fmt: skip
_ONE_OBJECT = frozenset({"artist", "album", "track", "playlist"})
_DECODER = JSONDecoder()
_HEADS = (6_144, 49_152)  # most objects end within the first so many bytes


def shapes(endpoint: str, body: bytes) -> dict[str, Shape]:
    """The fields of the first object of a page and of the objects in it, by place.

    A place is the kind of object ("artist"), or a field and what stands in it ("track.artists").
    """
    kind = _OF_ENDPOINT.get(endpoint)
    found: dict[str, Shape] = {}
    if kind:
        first = _first(body, endpoint)
        # A search answers with objects of the kinds it was asked for; most objects say what they are.
        own = first.get("type") if isinstance(first, dict) else None
        kind = own if own in INSIDE or own == "artist" else kind
        look(first, kind, kind, INSIDE, found)
    return found


def _first(body: bytes, endpoint: str) -> Any:  # noqa: ANN401  JSON
    """The first object of a list, without reading the rest; the whole body where it is one object."""
    listed = endpoint not in _ONE_OBJECT
    start = body.find(b"[") + 1 if listed else 0
    if listed and endpoint == "audio_features" and b'"audio_features":' not in body[:64].replace(b" ", b""):
        start = 0
    start = body.find(b"{", start) if start or not listed else -1
    if start < 0:
        return None
    for end in (*(start + head for head in _HEADS), len(body)):
        try:
            return _DECODER.raw_decode(body[start:end].decode(errors="ignore"))[0]
        except (JSONDecodeError, RecursionError):
            continue
    return None


SPOTIFY = Fields(
    source="spotify",
    known=KNOWN,
    inside=INSIDE,
    at_times=dict.fromkeys(KNOWN, AT_TIMES),
    either=EITHER,
    expected=expected,
    promised=lambda endpoint, place, every: promised(endpoint, place, "extended" if every else None),
    shapes=shapes,
)
"""What is known of the fields of the Spotify Web API."""
