"""A home with all that marts are made of, odd names and sets that shrink, in two commits of each table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rows
from tunelake.lake.lake import Lake

START = datetime(2026, 1, 25, tzinfo=UTC)
ODD = ["Ünïcode", 'O\'Brien "x"', "방탄소년단", "a\\b", "😀", "", "The The", "ß"]
GENRES = ["K-Pop", "k-pop", "rock", "p'op", "rock", "x"]


def read(page: Page) -> Rows:
    tables = msgspec.json.decode(page.body)
    for plays in [tables["listens"]] if "listens" in tables else []:
        plays["played_at"] = [datetime.fromisoformat(text) for text in plays["played_at"]]
    return Rows(tables=tables)


def observed(day: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a day tells: artists with odd names, songs of two, sets that shrink, absent fields, plays."""
    ids = [f"A{n}" for n in range(8)]
    yield "sandbox", "artists", {
        "artists": {"artist_id": ids, "name": ODD, "popularity": [(7 * n + day) % 101 for n in range(8)],
                    "followers": [n * 10**6 + day if n else None for n in range(8)],
                    "country": ["KR", "KR", "IS", None, "", "KR", "GB", "DE"]},
        "artist_genres": {"artist_id": ids[: 6 - day], "genre": GENRES[: 6 - day],
                          "position": [0] * (6 - day)},
    }  # fmt: skip
    for n in range(6):
        two = [ids[n], ids[(n + 1 + day) % 8]]
        yield "sandbox", "tracks", {
            "tracks": {"track_id": [f"T{n}"], "name": [ODD[n % 3] if n != 5 else None],
                       "album_id": [f"L{n % 3}"],
                       "popularity": [50 + n], "duration_ms": [1000 * n], "isrc": [f"I{n}"]},
            "track_artists": {"track_id": [f"T{n}"] * 2, "artist_id": two, "position": [0, 1]},
            "album_artists": {"album_id": [f"L{n % 3}"], "artist_id": [two[0]], "position": [0]},
            "albums": {"album_id": [f"L{n % 3}"], "name": [f"Album {n % 3}"], "album_type": ["album"],
                       "release_date": [["1999", "2001-05", "2001-02-29"][n % 3]], "total_tracks": [9]}
            | ({"label": [" One "], "popularity": [n]} if day else {}),
            "audio_features": {"track_id": [f"T{n}"], "energy": [0.1 * (n + day)], "danceability": [1 / 3],
                               "loudness": [-7.7 / (n + 1)]},
        }  # fmt: skip
    yield "sandbox", "top_tracks", {
        "top_tracks": {"artist_id": ["A0"] * 2, "market": ["US"] * 2, "track_id": ["T0", f"T{1 + day}"],
                       "rank": [1, 2]}
    }  # fmt: skip
    yield "musicbrainz", "artist", {
        "artists": {"artist_id": ["m"], "name": ["BTS"], "country": ["KR"]},
        "artist_urls": {"artist_id": ["m"], "url": ["u"], "site": ["spotify"], "target_id": ["A2"]},
        "artist_aliases": {"artist_id": ["m", "m"], "alias": ["BTS", "防弾少年団"], "method": ["x", "x"]},
    }  # fmt: skip
    yield "upload", "listens", {
        "listens": {"user_id": ["u", "u"], "track_id": ["x", "y"], "artist_name": ["방탄소년단", None],
                    "played_at": [f"2026-0{1 + day}-28T23:30:00+00:00", f"2026-0{1 + day}-01T00:00:00+00:00"],
                    "ms_played": [1000, None], "skipped": [True, None]}
    }  # fmt: skip


def make_home(root: Path) -> Path:
    """Land two days: what is now, is computed from both."""
    lake = Lake(root, reader=read)
    number = 0
    for day in (0, 1):
        for source, endpoint, tables in observed(day):
            number += 1
            lake.landing.append(
                Page(page_id=f"{number:032}", source=source, rights="owner", endpoint=endpoint, path="/",
                     params=(), status=200, fetched_at=START + timedelta(days=9 * day, seconds=number),
                     headers={}, body=msgspec.json.encode(tables))
            )  # fmt: skip
        lake.land()
    return lake.home.root
