"""Which fields an answer has, of what form: found cheaply, by one object of each kind a page.

The typed decoder skips what it does not know without telling. So the first object of each list is read a
second time, untyped; a field that is new, gone or of another type in all objects is so in the first one too.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder
from typing import Any

from tunelake.domain.fields import Shape
from tunelake.sources.spotify.fields import INSIDE

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
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(T[\d:.]+Z?)?")
_ID = re.compile(r"[0-9A-Za-z]{22}")
_HUNDRED = 100


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
        _look(first, kind, kind, found)
    return found


def form(value: Any) -> str:  # noqa: ANN401  JSON
    """What kind of value stands there: its type first, then what it looks like."""
    if isinstance(value, str):
        return _form_of_text(value)
    if isinstance(value, dict):
        return f"object of {', '.join(sorted(value)[:5])}"
    if isinstance(value, list):
        return f"list of {form(value[0]).partition(' ')[0]}s" if value else "list"
    if isinstance(value, int) and not isinstance(value, bool):
        return "number to 100" if 0 <= value <= _HUNDRED else "number"
    return {float: "number with a fraction", bool: "flag"}.get(type(value), "null")


def _form_of_text(value: str) -> str:
    if value.startswith(("http://", "https://")):
        return "text, an address"
    if _ID.fullmatch(value):
        return "text, an id"
    return "text, a date" if _DATE.fullmatch(value) else "text"


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


def _look(value: Any, kind: str, place: str, found: dict[str, Shape]) -> None:  # noqa: ANN401  JSON
    if isinstance(value, list):
        value = next((one for one in value if one), None)
    if not isinstance(value, dict):
        return
    if "items" in value and "limit" in value:
        _look(value["items"], kind, place, found)
        return
    if place not in found:
        found[place] = {name: form(one) for name, one in value.items()}
    for field, inner in INSIDE.get(kind, {}).items():
        if field in value:
            _look(value[field], inner, f"{place}.{field}", found)
