"""Fields nobody expected, found cheaply: one object a page is looked at by name.

The typed decoder skips what it does not know without telling. So the first object of each list is
read a second time, untyped; a field that is new in all objects is new in the first one too.
"""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder
from typing import Any

_LINK = frozenset({"href", "uri", "type", "id", "name", "external_urls"})
_MARKETS = frozenset({"available_markets", "is_playable", "restrictions"})
_PAGE = frozenset({"href", "items", "limit", "next", "offset", "previous", "total", "cursors"})

# What is known of each object: its fields, and which of them hold which other objects.
KNOWN: dict[str, frozenset[str]] = {
    "artist": _LINK | {"followers", "genres", "images", "popularity"},
    "album": _LINK | _MARKETS | {
        "album_type", "album_group", "artists", "copyrights", "external_ids", "genres", "images", "label",
        "popularity", "release_date", "release_date_precision", "total_tracks", "tracks",
    },
    "track": _LINK | _MARKETS | {
        "album", "artists", "disc_number", "duration_ms", "episode", "explicit", "external_ids", "is_local",
        "linked_from", "popularity", "preview_url", "track", "track_number",
    },
    "features": frozenset({
        "acousticness", "analysis_url", "audio_features", "danceability", "duration_ms", "energy", "id",
        "instrumentalness", "key", "liveness", "loudness", "mode", "speechiness", "tempo", "time_signature",
        "track_href", "type", "uri", "valence",
    }),
    "playlist": _LINK | {
        "collaborative", "description", "followers", "images", "items", "owner", "primary_color", "public",
        "snapshot_id", "tracks",
    },
    "entry": frozenset({
        "added_at", "added_by", "is_local", "item", "primary_color", "sharing_info", "track",
        "video_thumbnail",
    }),
    "play": frozenset({"context", "played_at", "track"}),
    "page": _PAGE,
}  # fmt: skip
_INSIDE: dict[str, dict[str, str]] = {
    "album": {"artists": "artist", "tracks": "track"},
    "track": {"album": "album", "artists": "artist"},
    "entry": {"track": "track", "item": "track"},
    "play": {"track": "track"},
    "playlist": {"tracks": "entry", "items": "entry"},
}
_OF_ENDPOINT = {
    "search": "", "search_tracks": "", "new_releases": "", "featured_playlists": "",
    "my_followed_artists": "",
    "artist": "artist", "artists": "artist", "related_artists": "artist", "my_top_artists": "artist",
    "album": "album", "albums": "album", "artist_albums": "album",
    "track": "track", "tracks": "track", "top_tracks": "track", "album_tracks": "track",
    "my_top_tracks": "track", "audio_features": "features", "playlist": "playlist",
    "playlist_items": "entry", "my_recent_plays": "play",
}  # fmt: skip
_SINGULAR = {"artists": "artist", "albums": "album", "tracks": "track", "playlists": "playlist"}
_DECODER = JSONDecoder()
_HEADS = (6_144, 49_152)  # most objects end within the first so many bytes


def unexpected(endpoint: str, body: bytes) -> dict[str, set[str]]:
    """The unknown fields of the first object of a page and of the objects in it, by object name."""
    kind = _OF_ENDPOINT.get(endpoint)
    found: dict[str, set[str]] = {}
    if kind:
        _compare(_first(body, endpoint), kind, found)
    return found


def _first(body: bytes, endpoint: str) -> Any:  # noqa: ANN401  JSON
    """The first object of a list, without reading the rest; the whole body where it is one object."""
    listed = endpoint not in {"artist", "album", "track", "playlist"}
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


def _compare(value: Any, kind: str, found: dict[str, set[str]]) -> None:  # noqa: ANN401  JSON
    if isinstance(value, list):
        value = next((one for one in value if one), None)
    if not isinstance(value, dict):
        return
    if "items" in value and "limit" in value:
        _note(value, "page", found)
        _compare(value["items"], kind, found)
        return
    _note(value, kind, found)
    for field, inner in _INSIDE.get(kind, {}).items():
        _compare(value.get(field), inner, found)


def _note(value: dict[str, Any], kind: str, found: dict[str, set[str]]) -> None:
    if not KNOWN[kind].issuperset(value):
        found.setdefault(kind, set()).update(value.keys() - KNOWN[kind])
