"""The endpoints of the Spotify Web API that Tunelake calls, as values. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from tunelake.domain.pages import Params

MAX_IDS = {"artists": 50, "albums": 20, "tracks": 50, "audio_features": 100}
OWN_RELEASES = ("album", "single", "compilation")


class Request(msgspec.Struct, frozen=True):
    """One question to the API.

    Attributes:
        endpoint: Its name here, for example "artist_albums".
        path: Below the configured base, for example "/artists/4tZ/albums".
    """

    endpoint: str
    path: str
    params: Params = ()

    @property
    def line(self) -> str:
        """Path and query, as they are sent."""
        return f"{self.path}?{urlencode(self.params)}" if self.params else self.path

    def param(self, name: str) -> str | None:
        """The value of a parameter, None when it is not given."""
        return dict(self.params).get(name)

    def with_param(self, name: str, value: str) -> Request:
        """The same question with one parameter set anew."""
        kept = tuple((key, old) for key, old in self.params if key != name)
        return Request(self.endpoint, self.path, (*kept, (name, value)))


def _one(endpoint: str, template: str, entity_id: str, **params: str) -> Request:
    return Request(endpoint, template.format(quote(entity_id, safe="")), tuple(params.items()))


def search_artist(text: str, limit: int = 10) -> Request:
    """Artists by name; ten is the most a page that every kind of application may have."""
    return Request("search", "/search", (("q", text), ("type", "artist"), ("limit", str(limit))))


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


def following(link: str, base: str, endpoint: str) -> Request | None:
    """The next page a link points to, as path and query alone: its host is not trusted.

    Args:
        link: The `next` of a page, absolute or relative.
        base: The configured base of the API; only its path is used.
        endpoint: The endpoint the next page belongs to.

    Returns:
        None when the link cannot be a page of this API.
    """
    try:
        parts = urlsplit(link)
        prefix = urlsplit(base).path.rstrip("/")
    except ValueError:
        return None
    path = parts.path.removeprefix(prefix) if prefix else parts.path
    # Another server may serve the API below another prefix; what matters comes after "/v1".
    if prefix and not parts.path.startswith(prefix + "/") and parts.path.startswith("/v1/"):
        path = parts.path.removeprefix("/v1")
    if not path.startswith("/") or "/../" in path:
        return None
    return Request(endpoint, path, tuple(parse_qsl(parts.query, keep_blank_values=True)))
