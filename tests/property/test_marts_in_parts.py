"""A mart that is renewed in part holds what it holds when all of it is computed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rows
from tunelake.lake.lake import Lake
from tunelake.mart.delta_memory import DeltaMemory
from tunelake.mart.duckdb_engine import DuckdbEngine
from tunelake.mart.run import MartReport, run_marts, standard_models

ARTISTS, TRACKS, ALBUMS = "ABCD", "STUV", "KLM"
START = datetime(2026, 1, 20, tzinfo=UTC)


def read(page: Page) -> Rows:
    """A page is the rows it tells."""
    tables = msgspec.json.decode(page.body)
    for plays in [tables["listens"]] if "listens" in tables else []:
        plays["played_at"] = [datetime.fromisoformat(text) for text in plays["played_at"]]
    return Rows(tables=tables)


def some(letters: str, most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(letters), max_size=most, unique=True)


names = st.sampled_from(["Alpha", "beta", "Gamma", "alpha"])
years = st.sampled_from(["1999", "2001-05", "2001-05-06", None, "x"])
small = st.none() | st.integers(0, 100)


@st.composite
def observation(draw: st.DrawFn) -> tuple[str, str, str, dict[str, dict[str, list[Any]]]]:
    """One answer: its source, endpoint, path and rows."""
    source = draw(st.sampled_from(["sandbox", "musicbrainz"]))
    kind = draw(st.sampled_from(["artist", "track", "album", "top", "feature", "link", "play"]))
    artist, track, album = (draw(st.sampled_from(letters)) for letters in (ARTISTS, TRACKS, ALBUMS))
    tables: dict[str, dict[str, list[Any]]]
    match kind:
        case "artist":
            genres = draw(some("pqr"))
            tables = {
                "artists": {"artist_id": [artist], "name": [draw(names)], "popularity": [draw(small)]},
                "artist_genres": {"artist_id": [artist] * len(genres), "genre": genres,
                                  "position": list(range(len(genres)))},
            }  # fmt: skip
        case "track":
            by = draw(some(ARTISTS)) or [artist]
            tables = {
                "tracks": {"track_id": [track], "name": [draw(names)], "album_id": [album],
                           "popularity": [draw(small)], "isrc": [draw(st.sampled_from(["I", "J", None]))]},
                "track_artists": {"track_id": [track] * len(by), "artist_id": by,
                                  "position": list(range(len(by)))},
                "artists": {"artist_id": by, "name": [draw(names) for _ in by]},
            }  # fmt: skip
        case "album":
            by = draw(some(ARTISTS)) or [artist]
            tables = {
                "albums": {"album_id": [album], "name": [draw(names)], "release_date": [draw(years)],
                           "label": [draw(st.sampled_from(["One", "Two", None]))]},
                "album_artists": {"album_id": [album] * len(by), "artist_id": by,
                                  "position": list(range(len(by)))},
                "artists": {"artist_id": by, "name": [draw(names) for _ in by]},
            }  # fmt: skip
        case "top":
            best = draw(some(TRACKS))
            tables = {
                "top_tracks": {"artist_id": [artist] * len(best), "market": ["US"] * len(best),
                               "track_id": best, "rank": list(range(1, len(best) + 1))},
                "artists": {"artist_id": [artist], "name": [draw(names)]},
            }  # fmt: skip
        case "feature":
            tables = {"audio_features": {"track_id": [track], "energy": [draw(small) and 0.5]}}
        case "play":
            user, minute = draw(st.sampled_from("uv")), draw(st.integers(10, 12))
            tables = {
                "listens": {"user_id": [user], "played_at": [f"2026-01-01T00:{minute}:00+00:00"],
                            "track_id": [track], "artist_name": [draw(names)], "ms_played": [draw(small)]},
            }  # fmt: skip
        case _:
            tables = {
                "artist_urls": {"artist_id": [artist], "url": ["u"], "site": ["spotify"],
                                "target_id": [draw(st.sampled_from(ARTISTS))]},
                "artists": {"artist_id": [artist], "name": [draw(names)]},
            }  # fmt: skip
            source = "musicbrainz"
    endpoint = "top_tracks" if kind == "top" else kind
    return source, endpoint, f"/artists/{artist}/x", tables


def pages(days: list[list[Any]]) -> Iterator[list[Page]]:
    number = 0
    for day, observations in enumerate(days):
        found = []
        for source, endpoint, path, tables in observations:
            number += 1
            found.append(
                Page(
                    page_id=f"{number:032}",
                    source=source,
                    rights="all",
                    endpoint=endpoint,
                    path=path,
                    params=(),
                    status=200,
                    fetched_at=START + timedelta(days=9 * day, seconds=number),
                    headers={},
                    body=msgspec.json.encode(tables),
                )
            )
        yield found


def run(lake: Lake, *, remember: bool) -> tuple[MartReport, dict[str, list[Any]]]:
    """Run the marts of a lake; without a memory nothing is kept and all is computed."""
    memory = DeltaMemory(lake.home, lake.write_mart) if remember else None
    with lake.connect() as connection:
        engine = DuckdbEngine(connection, lake.write_mart if remember else lambda *_: None, memory)
        report = run_marts(engine)
        names = [model.name for model in standard_models()]
        return report, {name: connection.sql(f"from {name} order by all").fetchall() for name in names}


@pytest.mark.slow
@settings(max_examples=6)
@given(st.lists(st.lists(observation(), max_size=5), min_size=2, max_size=3))
def test_renewed_in_part_is_as_computed_whole(days: list[list[Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "home", reader=read)
        for day, found in enumerate(pages(days)):
            for page in found:
                lake.landing.append(page)
            lake.land()
            report, renewed = run(lake, remember=True)
            _, whole = run(lake, remember=False)
            assert renewed == whole
            assert {name: len(rows) for name, rows in whole.items()} == report.rows
            if day and not found:
                assert {model.action for model in report.models} == {"nothing"}
