"""The endpoints of the Spotify Web API that Tunelake calls, as values. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from tunelake.domain.names import searched
from tunelake.sources.request import Request

MAX_IDS = {"artists": 50, "albums": 20, "tracks": 50, "audio_features": 100}
ENDPOINTS = frozenset({
    "search", "artist", "artists", "album", "albums", "track", "tracks", "artist_albums", "album_tracks",
    "top_tracks", "related_artists", "audio_features", "playlist", "playlist_items", "new_releases",
    "my_recent_plays",
})  # fmt: skip
"""All, as the API counts them."""
_SAME = {"search_tracks": "search"}
OWN_RELEASES = ("album", "single", "compilation")


def upstream(endpoint: str) -> str:
    """An endpoint as the API counts it: what goes to one address is one."""
    return _SAME.get(endpoint, endpoint)


def _one(endpoint: str, template: str, entity_id: str, **params: str) -> Request:
    return Request(endpoint, template.format(quote(entity_id, safe="")), tuple(params.items()))


def search_artist(text: str, limit: int = 10) -> Request:
    """Artists by name; ten is the most a page that every kind of application may have."""
    return Request("search", "/search", (("q", searched(text)), ("type", "artist"), ("limit", str(limit))))


def search_tracks_of(name: str, limit: int = 10) -> Request:
    """Tracks by an artist of that name, best first: what is left where rankings are closed."""
    quoted = name.replace('"', " ")
    return Request(
        "search_tracks", "/search", (("q", f'artist:"{quoted}"'), ("type", "track"), ("limit", str(limit)))
    )


def artist(artist_id: str) -> Request:
    """One artist."""
    return _one("artist", "/artists/{}", artist_id)


def album(album_id: str) -> Request:
    """One album with the first fifty of its tracks."""
    return _one("album", "/albums/{}", album_id)


def track(track_id: str) -> Request:
    """One track."""
    return _one("track", "/tracks/{}", track_id)


def artists(ids: Iterable[str]) -> Request:
    """Up to fifty artists."""
    return Request("artists", "/artists", (("ids", ",".join(ids)),))


def albums(ids: Iterable[str]) -> Request:
    """Up to twenty albums, each with the first fifty of its tracks."""
    return Request("albums", "/albums", (("ids", ",".join(ids)),))


def tracks(ids: Iterable[str]) -> Request:
    """Up to fifty tracks."""
    return Request("tracks", "/tracks", (("ids", ",".join(ids)),))


def artist_albums(artist_id: str, limit: int, groups: Iterable[str] = OWN_RELEASES) -> Request:
    """The releases of an artist, page by page."""
    return _one(
        "artist_albums",
        "/artists/{}/albums",
        artist_id,
        include_groups=",".join(groups),
        limit=str(limit),
    )


def top_tracks(artist_id: str, market: str) -> Request:
    """The (at most ten) top tracks of an artist in a market."""
    return _one("top_tracks", "/artists/{}/top-tracks", artist_id, market=market)


def related_artists(artist_id: str) -> Request:
    """The (at most twenty) related artists of an artist."""
    return _one("related_artists", "/artists/{}/related-artists", artist_id)


def one_audio_features(track_id: str) -> Request:
    """Audio features of one track."""
    return _one("audio_features", "/audio-features/{}", track_id)


def audio_features(ids: Iterable[str]) -> Request:
    """Audio features of up to a hundred tracks."""
    return Request("audio_features", "/audio-features", (("ids", ",".join(ids)),))


def playlist(playlist_id: str) -> Request:
    """One playlist with the first hundred of its items."""
    return _one("playlist", "/playlists/{}", playlist_id)


def playlist_items(playlist_id: str, offset: int, limit: int = 50) -> Request:
    """Items of a playlist, page by page."""
    return _one("playlist_items", "/playlists/{}/items", playlist_id, offset=str(offset), limit=str(limit))
