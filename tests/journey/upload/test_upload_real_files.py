"""Real files by `upload` into a lake, counted in its tables."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tunelake.lake.lake import Lake
from tunelake.lake.upload.read import read_rows
from tunelake.lake.upload.report import UploadReport
from tunelake.lake.upload.run import upload

pytestmark = pytest.mark.shared

SOURCES = ("upload", "soundgraph", "reccobeats", "soundstat", "measured")
ROWS_BY_PRECISION = """
select count(*) from playlist_item_genres
join tracks using (source, track_id) join albums using (source, album_id)
where release_date_precision = '{}'
"""


class Days:
    """A clock that is a day later each time."""

    def __init__(self) -> None:
        self._at = datetime(2026, 5, 1, tzinfo=UTC)

    def now(self) -> datetime:
        self._at += timedelta(days=1)
        return self._at


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home", reader=read_rows)


def one(lake: Lake, query: str) -> Any:
    return next(iter(lake.sql(query).read_all().to_pylist()[0].values()))


def put(lake: Lake, path: Path, kind: str, clock: Days, **options: Any) -> UploadReport:
    report = upload(path, kind, landing=lake.landing, clock=clock, **options)
    assert report.rows_read == report.rows_taken + report.rows_rejected
    return report


def history(lake: Lake, tables: tuple[str, ...]) -> dict[str, int]:
    return {table: lake.history(table).num_rows for table in tables}


@pytest.mark.slow
def test_playlists_of_32833_rows(lake: Lake, shared_data: Path) -> None:
    path, clock = shared_data / "tidytuesday" / "spotify_songs.csv.gz", Days()
    report = put(lake, path, "tracks-features", clock, rights="spotify")
    assert (report.rows_read, report.rows_taken, report.rows_rejected) == (32833, 32833, 0)
    assert report.nulls == {"NA": 15}  # five rows without the names of track, artist and album
    landed = lake.land()
    assert landed.rejected == 0
    counts = {
        "tracks": 28356,
        "audio_features": 28356,
        "albums": 22545,
        "playlists": 471,
        "playlist_items": 32251,
        "playlist_item_genres": 32833,
        "artists": 10683,  # of 10,692 names, nine are other spellings
        "track_artists": 28352,
    }
    assert {table: lake.current(table).num_rows for table in counts} == counts
    assert report.rows == counts
    assert one(lake, "select count(distinct (playlist_id, track_id)) from playlist_items") == 32251
    assert one(lake, "select count(*) from tracks where name is null") == 4
    assert one(lake, "select count(*) from albums where name is null") == 2
    assert one(lake, "select count(*) from tracks where name = 'NA'") == 0
    assert one(lake, "select count(*) from albums where release_date_precision = 'year'") == 1179
    assert one(lake, "select count(*) from albums where length(release_date) = 4") == 1179
    assert one(lake, "select count(*) from albums where release_date_precision = 'month'") == 23
    rows = (
        "from playlist_item_genres join tracks using (source, track_id) join albums using (source, album_id)"
    )
    assert one(lake, f"select count(*) {rows} where length(release_date) = 4") == 1855
    assert one(lake, f"select count(*) {rows} where length(release_date) = 7") == 31
    assert one(lake, "select count(*) from audio_features where loudness > 0") == 6
    assert one(lake, "select count(*) from audio_features where tempo = 0") == 1
    assert one(lake, "select string_agg(distinct rights) from tracks") == "spotify"

    before = history(lake, tuple(counts))
    put(lake, path, "tracks-features", clock, rights="spotify")
    again = lake.land()
    assert set(again.rows) <= {"raw_pages"}
    assert history(lake, tuple(counts)) == before


def test_artists_with_ids_and_nulls(lake: Lake, shared_data: Path) -> None:
    report = put(
        lake, shared_data / "soundgraph/wikidata_artists.csv", "artists", Days(), source="soundgraph"
    )
    lake.land()
    assert report.rows_taken == report.rows_read == 2079
    assert one(lake, "select count(*) from artists") == 2079
    assert one(lake, "select count(*) from artists where length(artist_id) = 22") == 2079
    assert one(lake, "select count(*) from artists where '_' in (name, country, url)") == 0
    assert one(lake, "select count(*) from artists where country is null") == 248
    assert one(lake, "select count(*) from artists where active_from is null") == 323
    assert one(lake, "select active_to from artists where name = 'Black Sabbath'") == 2017


def test_artists_with_genres(lake: Lake, shared_data: Path) -> None:
    put(lake, shared_data / "soundgraph/Artist_info.csv", "artists", Days(), source="soundgraph")
    lake.land()
    assert one(lake, "select count(*) from artists") == 2079
    assert one(lake, "select count(*) from artist_genres") == 7119
    assert one(lake, "select count(distinct artist_id) from artist_genres") == 2052
    assert one(lake, "select count(*) from artist_genres where genre = 'women''s music'") > 0


def test_providers_of_features_stay_apart(lake: Lake, shared_data: Path) -> None:
    folder, clock = shared_data / "audio_features_providers", Days()
    for source in ("reccobeats", "soundstat"):
        report = put(lake, folder / f"{source}-audio-features.csv", "audio-features", clock, source=source)
        assert (report.rows_taken, report.rows_rejected) == (372, 3)  # three have neither id nor artist
        assert [row.row for row in report.rejected] == [337, 359, 364]
    report = put(lake, folder / "spotify-data.csv", "audio-features", clock, source="measured")
    assert (report.rows_taken, report.rows_rejected) == (358, 0)
    lake.land()
    by_source = "select count(*) from audio_features where source = '{}' and {}"
    assert one(lake, by_source.format("reccobeats", "true")) == 372
    assert one(lake, by_source.format("reccobeats", "energy is null")) == 153  # the other three have no id
    assert one(lake, by_source.format("soundstat", "true")) == 372
    assert one(lake, by_source.format("measured", "true")) == 358
    assert one(lake, "select count(*) from quarantine") == 6


def test_the_catalogue_of_real_music(repository: Path, shared_data: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(repository / "scripts/real_catalogue.py"), str(shared_data), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout) == {
        "artists": 1206, "albums": 7100, "tracks": 10206, "features": 10206, "playlists": 433,
        "playlist_items": 12902,
    }  # fmt: skip
    assert 'rights = "spotify"' in (tmp_path / "catalogue.toml").read_text(encoding="utf-8")
