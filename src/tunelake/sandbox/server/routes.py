"""Which path is which endpoint, and which of them are closed to applications in development mode."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tunelake.sandbox.server import me, music, playlists
from tunelake.sandbox.server.calls import Call
from tunelake.sandbox.server.config import Profile
from tunelake.sandbox.server.refusals import Refusal, forbidden
from tunelake.sandbox.server.search import search


class Endpoint(msgspec.Struct, frozen=True):
    """One endpoint of the catalogue API.

    Attributes:
        template: The path with `{id}` in place of an id.
        gated: Whether it is closed to applications in development mode.
    """

    template: str
    handler: Callable[[Call], object]
    gated: bool = False


ENDPOINTS = {
    endpoint.template: endpoint
    for endpoint in (
        Endpoint("/v1/search", search),
        Endpoint("/v1/artists", music.artists, gated=True),
        Endpoint("/v1/artists/{id}", music.artist),
        Endpoint("/v1/artists/{id}/albums", music.artist_albums),
        Endpoint("/v1/artists/{id}/top-tracks", music.top_tracks, gated=True),
        Endpoint("/v1/artists/{id}/related-artists", music.related_artists, gated=True),
        Endpoint("/v1/albums", music.albums, gated=True),
        Endpoint("/v1/albums/{id}", music.album),
        Endpoint("/v1/albums/{id}/tracks", music.album_tracks),
        Endpoint("/v1/tracks", music.tracks, gated=True),
        Endpoint("/v1/tracks/{id}", music.track),
        Endpoint("/v1/audio-features", music.many_audio_features, gated=True),
        Endpoint("/v1/audio-features/{id}", music.audio_features, gated=True),
        Endpoint("/v1/browse/new-releases", music.new_releases, gated=True),
        Endpoint("/v1/playlists/{id}", playlists.playlist),
        Endpoint("/v1/playlists/{id}/items", playlists.playlist_items),
        Endpoint("/v1/playlists/{id}/tracks", playlists.playlist_tracks, gated=True),
        Endpoint("/v1/markets", music.markets, gated=True),
        Endpoint("/v1/me", me.profile),
        Endpoint("/v1/me/player/recently-played", me.recently_played),
        Endpoint("/v1/me/top/artists", me.top_artists),
        Endpoint("/v1/me/top/tracks", me.top_tracks),
    )
}
UNKNOWN = "/v1/*"


def match(path: str) -> tuple[str, str]:
    """The template of a path and the id in it; unknown paths share one template, to stay countable."""
    path = path.rstrip("/")
    if path in ENDPOINTS:
        return path, ""
    parts = path.split("/")
    if len(parts) > 3:  # noqa: PLR2004  "", "v1", the kind, the id
        template = "/".join([*parts[:3], "{id}", *parts[4:]])
        if template in ENDPOINTS:
            return template, parts[3]
    return UNKNOWN, ""


def answer(template: str, profile: Profile, call: Call) -> object:
    """Run the endpoint's handler.

    Raises:
        Refusal: There is no such endpoint, it is closed to the profile, or the handler refuses.
    """
    endpoint = ENDPOINTS.get(template)
    if endpoint is None:
        raise Refusal(404, "Service not found")
    if endpoint.gated and profile == "development":
        raise forbidden()
    return endpoint.handler(call)
