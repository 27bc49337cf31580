"""Marts, neighbours and documents over a real home, kept and read again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rows
from tunelake.lake.lake import Lake
from tunelake.mart.duckdb_engine import DuckdbEngine
from tunelake.mart.run import run_marts
from tunelake.publish.memory_store import MemoryCatalogue, MemoryDocuments
from tunelake.publish.run import publish_all, publish_artists
from tunelake.similar.run import renew_similar, run_similar


def two_artists_with_a_song(page: Page) -> Rows:
    assert page.source == "sandbox"
    return Rows(
        tables={
            "artists": {"artist_id": ["A", "B"], "name": ["Alpha", "Beta"], "popularity": [2, 1]},
            "artist_genres": {"artist_id": ["A", "B"], "genre": ["pop", "pop"], "position": [0, 0]},
            "albums": {"album_id": ["L"], "name": ["One"], "album_type": ["album"], "release_date": ["1997"]},
            "album_artists": {"album_id": ["L"], "artist_id": ["A"], "position": [0]},
            "tracks": {"track_id": ["T"], "name": ["Song"], "album_id": ["L"]},
            "track_artists": {"track_id": ["T", "T"], "artist_id": ["A", "B"], "position": [0, 1]},
            "audio_features": {"track_id": ["T"], "energy": [0.5]},
        }
    )


def albums_of(artist_id: str) -> Page:
    return Page(
        page_id=artist_id * 32,
        source="sandbox",
        rights="all",
        endpoint="artist_albums",
        path=f"/artists/{artist_id}/albums",
        params=(),
        status=200,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        headers={},
        body=b"{}",
    )


def test_marts_are_kept_in_the_home_and_replaced_over_themselves(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", reader=two_artists_with_a_song)
    for artist_id in ("A", "B"):
        lake.landing.append(albums_of(artist_id))
    lake.land()
    catalogue, documents = MemoryCatalogue(), MemoryDocuments()
    for _ in range(2):  # the second time over the marts kept by the first
        with lake.connect() as connection:
            engine = DuckdbEngine(connection, lake.write_mart)
            report = run_marts(engine)
            assert run_similar(engine).neighbours == 2
            publish_all(engine, catalogue, documents)
    with lake.connect() as connection:
        engine = DuckdbEngine(connection, lake.write_mart)
        assert {name: engine.table(name).num_rows for name in report.rows} == report.rows
        (alpha,) = catalogue.find("alpha")
        renewed = renew_similar(engine, [alpha])
        assert (len(renewed.changed), engine.table("similar_artists").num_rows) == (2, 2)
        before = documents.get(alpha)
        publish_artists(engine, renewed.changed, catalogue, documents)
        assert documents.get(alpha) == before
    assert before is not None
    assert {reason.channel for reason in before.neighbours[0].reasons} == {"sound", "genres", "collaboration"}


def test_an_empty_home_gets_empty_marts_again_and_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", reader=two_artists_with_a_song)
    for _ in range(2):  # the second time over marts without rows, and without files
        with lake.connect() as connection:
            engine = DuckdbEngine(connection, lake.write_mart)
            report = run_marts(engine)
            assert run_similar(engine).neighbours == 0
            publish_all(engine, MemoryCatalogue(), MemoryDocuments())
    assert report.rows
    assert set(report.rows.values()) == {0}
    for name in report.rows:
        empty = lake.sql(f"from {name}").read_all()
        assert (empty.num_rows, bool(empty.column_names)) == (0, True)
