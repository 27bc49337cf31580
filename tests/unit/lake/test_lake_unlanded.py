from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace
from tests.unit.lake import pages

from tunelake.domain.pages import Page
from tunelake.lake.lake import Lake
from tunelake.lake.tables.duckdb_tables import open_memory
from tunelake.lake.unlanded import that_say_something, unlanded


def lake_of(home: Path, *told: Page) -> Lake:
    lake = Lake(home, reader=pages.read)
    for page in told:
        lake.landing.append(page)
    return lake


def features(seconds: float, path: str, track_id: str, **params: str) -> Page:
    page = pages.make(seconds, {"audio_features": [{"track_id": track_id, "energy": 0.5}]})
    return replace(page, endpoint="audio_features", path=path, params=tuple(params.items()))


def told(lake: Lake, artist_id: str) -> dict[str, list[dict[str, Any]]]:
    found = unlanded(lake.landing.pages(0), pages.read, artist_id)
    return {table: rows.to_pylist() for table, rows in found.items()}


def test_pages_that_name_an_artist_and_features_of_its_tracks_are_read_and_no_others(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path / "home",
        pages.make(0, {"artists": [{"artist_id": "Other", "name": "Other"}]}),
        pages.make(1, {"artists": [{"artist_id": "Mine", "name": "Mine"}]}),
        pages.make(2, {"artists": [{"artist_id": "Mine", "name": "not so"}]}, status=503),
        pages.make(
            3, {"tracks": [{"track_id": "T1"}], "track_artists": [{"track_id": "T1", "artist_id": "Mine"}]}
        ),
        features(4, "/audio-features/T1", "T1"),
        features(5, "/audio-features", "T1", ids="T0,T1"),
        features(6, "/audio-features/T2", "T2"),
    )
    found = told(lake, "Mine")
    assert [row["name"] for row in found["artists"]] == ["Mine"]
    assert [row["track_id"] for row in found["audio_features"]] == ["T1", "T1"]
    assert len(found["raw_pages"]) == 4
    assert {row["source"] for row in found["artists"]} == {"plain"}
    assert told(lake, "Nobody") == {}


def test_what_says_nothing_new_is_left_out_as_a_landing_leaves_it_out(tmp_path: Path) -> None:
    same = {"artist_id": "Mine", "name": "Mine"}
    lake = lake_of(tmp_path / "home", pages.make(0, {"artists": [same]}))
    lake.land()
    position = lake.landing.end()
    lake.landing.append(pages.make(1, {"artists": [same]}))
    lake.landing.append(pages.make(2, {"artists": [same | {"popularity": 7}]}))
    rows = unlanded(lake.landing.pages(position), pages.read, "Mine")["artists"]
    with open_memory(lake.home) as connection:
        files = [str(path) for path in (tmp_path / "home" / "tables" / "artists").glob("*.parquet")]
        news = that_say_something(connection, "artists", rows, files)
    assert (rows.num_rows, news.column("popularity").to_pylist()) == (2, [7])
