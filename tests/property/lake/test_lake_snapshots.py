"""A base and what was added since, the cache, and the window over the log are one and the same state."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.lake.pages import make, read

from tunelake.lake.contracts.contract import load
from tunelake.lake.history import latest, snapshot
from tunelake.lake.lake import Lake
from tunelake.lake.maintenance.duckdb_bases import keep_bases
from tunelake.lake.maintenance.run import upkeep
from tunelake.lake.tables.duckdb_cache import DuckdbCache

TABLES = ("artists", "artist_genres")
_ids = st.sampled_from("abc")
_artist = st.fixed_dictionaries(
    {"artist_id": _ids}, optional={"name": st.sampled_from("xyz"), "followers": st.integers(0, 3)}
)
_genre = st.fixed_dictionaries({"artist_id": _ids, "genre": st.sampled_from("gh"), "position": st.just(0)})
_page = st.tuples(
    st.integers(0, 5),
    st.lists(_artist, max_size=3),
    st.lists(_genre, max_size=3, unique_by=lambda row: (row["artist_id"], row["genre"])),
    st.integers(0, 1),
)
_pages = st.lists(_page, min_size=1, max_size=3)


def _of_log(lake: Lake, table: str) -> list[str]:
    with lake.connect() as connection:
        log = lake._tables.files(table)  # noqa: SLF001  (the log itself, without any derived form)
        query = latest.current(load()[table], f"({latest.log(load()[table], log)})")
        return _sorted(connection.sql(query).fetchall())


def _of_cache(cache: DuckdbCache, table: str) -> list[str]:
    cache.refresh(table)
    return _sorted(cache.connection.sql(f"from {table}").fetchall())


def _sorted(rows: list[tuple[Any, ...]]) -> list[str]:
    return sorted(map(str, rows))


@settings(max_examples=5)
@given(before=_pages, after=_pages, compacted=st.booleans())
def test_all_forms_of_the_current_state_agree(before: list[Any], after: list[Any], compacted: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, patch.object(snapshot, "LEAST_ROWS", 0):
        lake = Lake(Path(folder) / "home", reader=read)
        _land(lake, before[:1])
        long = lake.cache()
        for table in TABLES:
            long.refresh(table)
        _land(lake, before[1:])
        keep_bases(lake.home, 0.0)
        _land(lake, after[:1])
        if compacted:
            upkeep(lake.home, keep=timedelta(days=1))
        _land(lake, after[1:])
        cold = lake.cache()
        for table in TABLES:
            expected = _of_log(lake, table)
            with lake.connect() as connection:
                assert _sorted(connection.sql(f"from {table}").fetchall()) == expected
            assert _of_cache(cold, table) == expected
            assert _of_cache(long, table) == expected
        cold.close()
        long.close()


def _land(lake: Lake, pages: list[Any]) -> None:
    for seconds, artists, genres, rejected in pages:
        told = {"artists": artists, "artist_genres": genres}
        lake.landing.append(make(seconds, told, rejected=rejected))
        lake.land()
