"""Playlists of the Spotify Web API, whole and in part."""

from __future__ import annotations

from pathlib import Path

import msgspec
from tests.unit.lake.pages import make, reading

from tunelake.domain.pages import Listing, Page
from tunelake.lake.lake import Lake
from tunelake.sources.spotify.rows import read_rows as spotify_rows


def _items(offset: int, tracks: str, total: int) -> dict[str, object]:
    entries = [{"item": {"id": track, "type": "track", "name": track}} for track in tracks]
    return {"items": entries, "offset": offset, "total": total, "limit": len(tracks), "next": None}


def _playlist(seconds: float, items: dict[str, object], listing: Listing | None = None) -> Page:
    body = msgspec.json.encode({"id": "p", "name": "P", "items": items})
    page = make(seconds, {}, listing=listing)
    return msgspec.structs.replace(page, endpoint="playlist", path="/playlists/p", body=body)


def test_the_first_items_of_a_playlist_are_not_all_of_them(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", reader=spotify_rows)

    def tracks_after(page: Page) -> list[str]:
        lake.landing.append(page)
        lake.land()
        rows = lake.current("playlist_items").sort_by("position")
        found: list[str] = rows.column("track_id").to_pylist()
        return found

    assert tracks_after(_playlist(0, _items(0, "abcd", 4))) == list("abcd")
    # A page alone with two of three items says nothing of the rest; a page alone with all of them does.
    assert tracks_after(_playlist(1, _items(0, "xy", 3))) == list("xycd")
    assert tracks_after(_playlist(2, _items(0, "xy", 2))) == list("xy")
    # A reading of parts is judged by its listing: its first part tells nothing, its last completes it.
    first = reading("r", 3, offset=0, whole=False)
    assert tracks_after(_playlist(3, _items(0, "m", 2), first)) == list("my")
    last = reading("r", 3, offset=1, whole=True)
    assert tracks_after(_playlist(4, _items(1, "n", 2), last)) == list("mn")
