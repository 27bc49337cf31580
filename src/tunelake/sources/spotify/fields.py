"""Which fields the objects of the Spotify Web API have, of what type, and which are promised. Pure."""

from __future__ import annotations

from tunelake.sources.fields import typed
from tunelake.sources.spotify.profiles import Profile

_LINK = typed(text="href id name type uri", inner="external_urls")
_MARKETS = typed(several="available_markets", flag="is_playable", inner="restrictions")

# What is known of each object: its fields and the type of each; all of them may be null.
KNOWN: dict[str, dict[str, str]] = {
    "artist": _LINK | typed(inner="followers", several="genres images", number="popularity"),
    "album": _LINK | _MARKETS | typed(
        text="album_group album_type label release_date release_date_precision",
        number="popularity total_tracks", several="artists copyrights genres images",
        inner="external_ids tracks",
    ),
    "track": _LINK | _MARKETS | typed(
        text="preview_url", number="disc_number duration_ms popularity track_number",
        flag="episode explicit is_local track", several="artists", inner="album external_ids linked_from",
    ),
    "features": typed(
        text="analysis_url id track_href type uri", several="audio_features",
        number="acousticness danceability duration_ms energy instrumentalness key liveness loudness mode "
        "speechiness tempo time_signature valence",
    ),
    "playlist": _LINK | typed(
        text="description primary_color snapshot_id", flag="collaborative public", several="images",
        inner="followers items owner tracks",
    ),
    "entry": typed(
        text="added_at primary_color", flag="is_local",
        inner="added_by item sharing_info track video_thumbnail",
    ),
    "play": typed(text="played_at", inner="context track"),
    "page": typed(text="href next previous", number="limit offset total", several="items", inner="cursors"),
}  # fmt: skip

# Which fields hold which other objects.
INSIDE: dict[str, dict[str, str]] = {
    "album": {"artists": "artist", "tracks": "track"},
    "track": {"album": "album", "artists": "artist"},
    "entry": {"track": "track", "item": "track"},
    "play": {"track": "track"},
    "playlist": {"tracks": "entry", "items": "entry"},
}

# Fields that come and go by object, market or moment: that one is not there means nothing.
AT_TIMES = frozenset({
    "album_group", "available_markets", "audio_features", "context", "copyrights", "cursors", "episode",
    "is_playable", "linked_from", "preview_url", "primary_color", "restrictions", "sharing_info",
    "video_thumbnail",
})  # fmt: skip
# Of the two names of one thing, each answer has one.
EITHER = {"entry": ("item", "track"), "playlist": ("items", "tracks")}

# What the tables take from each place of an answer. A place is an object, or one inside another.
_MENTION = "id name"
_ALBUM = "id name album_type artists release_date release_date_precision total_tracks images"
_TRACK = "id name artists disc_number track_number duration_ms explicit is_local"
_WHOLE_ALBUM = _ALBUM + " label popularity external_ids tracks"
_WHOLE_TRACK = _TRACK + " album popularity external_ids"
_ARTIST = _MENTION + " followers popularity genres images"
_PLACES = {
    "artist": _ARTIST,
    "track.artists": _MENTION, "album.artists": _MENTION, "album.tracks.artists": _MENTION,
    "track.album": _ALBUM, "album.tracks": _TRACK,
    "features": "id danceability energy key loudness mode speechiness acousticness instrumentalness liveness "
    "valence tempo time_signature duration_ms",
    "playlist": "id name description owner public collaborative snapshot_id",
    "entry": "added_at is_local", "play": "track played_at",
}  # fmt: skip
_WHOLE_ALBUMS = frozenset({"album", "albums"})
_PART_TRACKS = frozenset({"album_tracks"})
# Development mode leaves these out; that artists have genres is no longer promised to anybody.
_NOT_IN_DEVELOPMENT = {
    "artist": {"followers", "popularity", "genres"},
    "album": {"label", "popularity"},
    "track": {"popularity"},
}


def expected(endpoint: str, place: str) -> frozenset[str]:
    """The fields that tables take from a place of an answer, whoever asks."""
    if place == "album":
        return frozenset((_WHOLE_ALBUM if endpoint in _WHOLE_ALBUMS else _ALBUM).split())
    if place == "track":
        return frozenset((_TRACK if endpoint in _PART_TRACKS else _WHOLE_TRACK).split())
    return frozenset(_PLACES.get(place, "").split())


def promised(endpoint: str, place: str, profile: Profile | None) -> frozenset[str]:
    """Those of them that an application of a profile is to get; the least while it is not known."""
    fields = expected(endpoint, place)
    return fields if profile == "extended" else fields - _NOT_IN_DEVELOPMENT.get(place, set())
