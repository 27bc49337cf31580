"""A little lake in memory, for the stages that read tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tunelake.mart.duckdb_engine import DuckdbEngine

_SYSTEM = "source varchar, observed_at timestamptz, expires_at timestamptz, rights varchar, page_id varchar"
_TABLES = {
    "artists": "artist_id varchar, name varchar, popularity int, followers bigint, country varchar,"
    " active_from int, active_to int, url varchar, image_url varchar",
    "artist_genres": "artist_id varchar, genre varchar, position int",
    "albums": "album_id varchar, name varchar, album_type varchar, release_date varchar,"
    " release_date_precision varchar, total_tracks int, label varchar, popularity int, upc varchar,"
    " url varchar, image_url varchar",
    "album_artists": "album_id varchar, artist_id varchar, position int",
    "tracks": "track_id varchar, name varchar, album_id varchar, disc_number int, track_number int,"
    " duration_ms bigint, explicit boolean, isrc varchar, popularity int, is_local boolean,"
    " linked_from_id varchar, preview_url varchar, url varchar",
    "track_artists": "track_id varchar, artist_id varchar, position int",
    "top_tracks": "artist_id varchar, market varchar, track_id varchar, rank int",
    "audio_features": "track_id varchar, danceability double, energy double, key int, loudness double,"
    " mode int, speechiness double, acousticness double, instrumentalness double, liveness double,"
    " valence double, tempo double, time_signature int, duration_ms bigint",
    "artist_aliases": "artist_id varchar, alias varchar, method varchar, confidence double",
}
_DEFAULTS = {"source": "sandbox", "rights": "all", "observed_at": "2026-01-01 00:00:00+00", "page_id": "p1"}

Rows = dict[str, list[dict[str, Any]]]


class LittleLake:
    """Tables in memory, an engine over them, and the marts that were kept."""

    def __init__(self, rows: Rows) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        self.marts: dict[str, pa.Table] = {}
        for table, columns in _TABLES.items():
            self.connection.execute(f"create table {table} ({columns}, {_SYSTEM})")
        self.add(rows)
        self.engine = DuckdbEngine(self.connection, self.marts.__setitem__)

    def add(self, rows: Rows) -> None:
        for table, items in rows.items():
            for item in items:
                row = _DEFAULTS | item
                marks = ", ".join("?" for _ in row)
                sql = f"insert into {table} ({', '.join(row)}) values ({marks})"  # noqa: S608
                self.connection.execute(sql, list(row.values()))

    def mart(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        wanted = ", ".join(columns) or "*"
        return self.connection.sql(f"select {wanted} from {name} order by all").fetchall()  # noqa: S608


@pytest.fixture
def make_lake() -> Iterator[Callable[[Rows], LittleLake]]:
    made: list[LittleLake] = []

    def make(rows: Rows) -> LittleLake:
        made.append(LittleLake(rows))
        return made[-1]

    yield make
    for lake in made:
        lake.connection.close()
