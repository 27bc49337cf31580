"""A user's recent plays as rows of `listens`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tunelake.domain.pages import Page
from tunelake.domain.rows import Columns
from tunelake.sources.spotify import wire


def listens(plays: Iterable[wire.Play | None], page: Page) -> Columns | None:
    """Read plays with a time and a track; none when the page does not say whose they are.

    The page's parameters name the user, and the times of plays that were known before it came.
    """
    user = dict(page.params).get("user")
    known = {datetime.fromisoformat(value) for name, value in page.params if name == "known"}
    if not user:
        return None
    rows = [row for play in plays if play and (row := _row(play)) and row["played_at"] not in known]
    if not rows:
        return None
    columns: Columns = {name: [row[name] for row in rows] for name in rows[0]}
    return {"user_id": [user] * len(rows), "method": ["poll"] * len(rows), **columns}


def _row(play: wire.Play) -> dict[str, Any] | None:
    track = play.track or None
    try:
        at = datetime.fromisoformat(play.played_at).astimezone(UTC) if play.played_at else None
    except ValueError:
        return None
    if at is None or track is None or not track.id:
        return None
    artists = track.artists or []
    return {
        "played_at": at,
        "track_id": track.id,
        "kind": "track",
        "track_name": track.name or None,
        "artist_name": (artists[0].name or None) if artists and artists[0] else None,
        "album_name": (track.album.name or None) if track.album else None,
        "context": (play.context.uri or None) if play.context else None,
    }
