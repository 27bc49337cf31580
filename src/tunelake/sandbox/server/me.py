"""The user who logged in: profile, recently played, favourites."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from tunelake.sandbox.server.calls import Call, cut
from tunelake.sandbox.server.listening import Heard
from tunelake.sandbox.server.refusals import Refusal, bad_request

_SPANS = ("short_term", "medium_term", "long_term")
_MOST = 50
_RECENTLY = "/me/player/recently-played"


def profile(call: Call) -> object:
    """GET /me."""
    user = _user(call)
    told: dict[str, object] = {
        "display_name": user,
        "external_urls": {"spotify": f"https://open.spotify.com/user/{user}"},
        "href": f"{call.render.api_url}/users/{user}",
        "id": user,
        "images": call.render.images(user, (300, 64)),
        "type": "user",
        "uri": f"spotify:user:{user}",
    }
    if call.extended:
        told["followers"] = {"href": None, "total": 0}
    return told


def recently_played(call: Call) -> object:
    """GET /me/player/recently-played: newest first, with cursors in milliseconds."""
    user = _user(call, "user-read-recently-played")
    after, before = _cursor(call, "after"), _cursor(call, "before")
    if after is not None and before is not None:
        raise bad_request("Only one of after and before may be given")
    limit = call.span(default=20, maximum=_MOST).limit
    plays = call.listening.recent(call.catalogue, user)
    wanted = [
        play
        for play in plays
        if (after is None or play.at_ms > after) and (before is None or play.at_ms < before)
    ]
    shown = wanted[:limit]
    href = f"{call.render.api_url}{_RECENTLY}"
    given = {name: call.params[name] for name in ("after", "before") if name in call.params}
    oldest = shown[-1].at_ms if shown else None
    return {
        "items": [_item(call, play) for play in shown],
        "next": f"{href}?{urlencode({'before': oldest, 'limit': limit})}" if wanted[limit:] else None,
        "cursors": {"after": str(shown[0].at_ms), "before": str(oldest)} if shown else None,
        "limit": limit,
        "href": f"{href}?{urlencode({**given, 'limit': limit})}",
    }


def top_tracks(call: Call) -> object:
    """GET /me/top/tracks."""
    ids, part = _favourites(call), call.span(default=20, maximum=_MOST)
    found = [call.catalogue.track(track_id) for track_id in cut(ids, part)]
    items = [call.render.track(track) for track in found if track]
    return call.page(items, len(ids), part, **_span_given(call))


def top_artists(call: Call) -> object:
    """GET /me/top/artists."""
    part = call.span(default=20, maximum=_MOST)
    tracks = [call.catalogue.track(track_id) for track_id in _favourites(call)]
    ids = list(dict.fromkeys(artist_id for track in tracks if track for artist_id in track.artist_ids))
    found = [call.catalogue.artist(artist_id) for artist_id in cut(ids, part)]
    items = [call.render.artist(artist) for artist in found if artist]
    return call.page(items, len(ids), part, **_span_given(call))


def _favourites(call: Call) -> list[str]:
    user = _user(call, "user-top-read")
    span = call.params.get("time_range") or "medium_term"
    if span not in _SPANS:
        raise bad_request("Invalid time range")
    return call.listening.favourites(call.catalogue, user, span)


def _span_given(call: Call) -> dict[str, str]:
    return {"time_range": call.params["time_range"]} if "time_range" in call.params else {}


def _item(call: Call, play: Heard) -> dict[str, object]:
    track = call.catalogue.track(play.track_id)
    if track is None:
        raise LookupError(f"the catalogue lost track {play.track_id}")
    kind, album = "album", track.album_id
    return {
        "track": call.render.track(track),
        "played_at": _moment(play.at_ms),
        "context": {
            "type": kind,
            "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{album}"},
            "href": f"{call.render.api_url}/{kind}s/{album}",
            "uri": f"spotify:{kind}:{album}",
        },
    }


def _moment(at_ms: int) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03}Z"


def _user(call: Call, scope: str | None = None) -> str:
    if call.user is None:
        raise Refusal(401, "Valid user authentication required")
    if scope and scope not in call.scopes:
        raise Refusal(403, "Insufficient client scope")
    return call.user


def _cursor(call: Call, name: str) -> int | None:
    text = call.params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):  # noqa: PLR2004  milliseconds
        raise bad_request(f"Invalid {name}")
    return int(text)
