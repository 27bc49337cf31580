"""The whole path on real music, with real ids: every count and every value equals the catalogue's."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from scripts.real_catalogue import EXPECTED, prepare
from tests.conftest import REPOSITORY, SHARED_DATA, sandbox_process
from tests.journey.path.conftest import MakeHome
from tests.journey.path.homes import ALL, Home, ids

from tunelake.lake.lake import Lake
from tunelake.publish.lmdb_store import LmdbDocuments

pytestmark = [pytest.mark.shared, pytest.mark.slow]

# A lake's table, and the same rows told by the catalogue's files alone.
SAME = {
    "select artist_id, name, popularity, followers from artists": (
        "select artist_id, name, popularity, followers from c.artists"
    ),
    "select artist_id, position, genre from artist_genres": """
        select artist_id, i - 1, genres[i] from (
          select artist_id, genres, unnest(range(1, len(genres) + 1)) as i from c.artists)
    """,
    "select album_id, name, release_date, release_date_precision, total_tracks from albums": """
        select a.album_id, a.name, release_date,
          case length(release_date) when 4 then 'year' when 7 then 'month' else 'day' end, t.total
        from c.albums as a join (select album_id, count(*) as total from c.tracks group by all) as t
          on t.album_id = a.album_id
    """,
    "select album_id, artist_id from album_artists": (
        "select distinct album_id, unnest(artist_ids) from c.tracks"
    ),
    "select track_id, name, album_id, duration_ms, popularity from tracks": (
        "select track_id, name, album_id, duration_ms, popularity from c.tracks"
    ),
    "select track_id, artist_id from track_artists": "select track_id, unnest(artist_ids) from c.tracks",
    """
    select track_id, danceability, energy, key, loudness, mode, speechiness, acousticness,
      instrumentalness, liveness, valence, tempo, duration_ms from audio_features
    """: "from c.features",
    "select playlist_id, name from playlists": "from c.playlists",
    "select playlist_id, track_id from playlist_items": "from c.playlist_items",
    # A ranking: of each artist the most popular tracks, at most ten.
    """
    select artist_id, rank, popularity from top_tracks join tracks using (source, track_id)
    """: """
        select * from (
          select artist_id, row_number() over (partition by artist_id order by popularity desc) as rank,
            popularity
          from (select unnest(artist_ids) as artist_id, popularity from c.tracks))
        where rank <= 10
    """,
}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogue")
    prepare(SHARED_DATA, folder)
    return folder


def _made(folder: Path) -> dict[str, Any]:
    """Run what `make real` runs."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    home = folder / "home"
    command = [sys.executable, "-m", "scripts.real", str(SHARED_DATA), "--home", str(home)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TUNELAKE_")}
    done = subprocess.run(
        [*command, "--port", str(port), "--json"],
        cwd=REPOSITORY, env=environ, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report | {"port": port}


@contextmanager
def _served(made: dict[str, Any], catalogue: Path) -> Iterator[Home]:
    """The home that was made, and the same server at the same address."""
    with sandbox_process("--catalogue", str(catalogue), "--port", str(made["port"])) as ready:
        yield Home(Path(made["home"]), ready)


def test_real_music_goes_the_whole_path(catalogue: Path, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """One test, since making the home takes longer than all that is asked of it."""
    made = _made(tmp_path)
    for of_what_was_made in (
        _every_count_equals_the_catalogues,
        _no_row_is_there_twice,
        _documents_hold_what_the_marts_hold,
    ):
        with subtests.test(of_what_was_made.__name__):
            of_what_was_made(made)
    with subtests.test("every value equals the catalogue's"):
        _every_value_equals_the_catalogues(made, catalogue)
    for goes_on in (_a_second_run_changes_no_row_and_asks_nothing, _asking_anew_changes_no_row):
        with subtests.test(goes_on.__name__), _served(made, catalogue) as home:
            goes_on(home, catalogue)
    with subtests.test("similar artists need a stated right"), _served(made, catalogue) as home:
        _similar_artists_need_a_stated_right(home, made)


def _every_count_equals_the_catalogues(made: dict[str, Any]) -> None:
    counts = made["counts"]
    known = EXPECTED | {"audio_features": EXPECTED["features"]}
    assert {name: counts["catalogue"][name] for name in known if name != "features"} == {
        name: number for name, number in known.items() if name != "features"
    }
    assert counts["lake"] == counts["catalogue"]
    for stage in ("marts", "stores"):
        told = {name: number for name, number in counts[stage].items() if name != "documents"}
        assert told == {name: counts["catalogue"][name] for name in told}
    assert counts["stores"]["documents"] == 1206
    assert made["differences"] == []
    # One call an artist for each of albums, ranking and related; the rest in batches.
    assert sum(number for what, number in made["calls"].items() if what != "again") < 4 * 1206


def _every_value_equals_the_catalogues(made: dict[str, Any], catalogue: Path) -> None:
    with Lake(Path(made["home"])).connect() as connection:
        connection.execute("attach ':memory:' as c")
        for name in EXPECTED:
            rows = duckdb.read_parquet(str(catalogue / f"{name}.parquet")).to_arrow_table()
            connection.from_arrow(rows).create(f"c.{name}")
        for lake, truth in SAME.items():
            for one, other in ((lake, truth), (truth, lake)):
                assert connection.sql(f"(({one}) except all ({other})) limit 3").fetchall() == [], lake


def _no_row_is_there_twice(made: dict[str, Any]) -> None:
    with Lake(Path(made["home"])).connect() as connection:
        for table, key in (
            ("artists", "artist_id"),
            ("albums", "album_id"),
            ("tracks", "track_id"),
            ("audio_features", "track_id"),
            ("playlists", "playlist_id"),
            ("playlist_items", "playlist_id, position"),
            ("raw_pages", "page_id"),
            ("raw_pages", "path, params"),
        ):
            doubled = f"select count(*) - count(distinct ({key})) from {table}"  # noqa: S608
            assert connection.sql(doubled).fetchall() == [(0,)], table


def _a_second_run_changes_no_row_and_asks_nothing(home: Home, catalogue: Path) -> None:
    before = home.contents()
    artists = [row[0] for row in duckdb.read_parquet(str(catalogue / "artists.parquet")).fetchall()]
    playlists = [row[0] for row in duckdb.read_parquet(str(catalogue / "playlists.parquet")).fetchall()]
    told = [
        home.run("collect", "artists", *ids(artists), "--with", ALL),
        home.run("collect", "playlists", *ids(playlists)),
    ]
    assert [one["by_state"] for one in told] == [{"unchanged": 1206}, {"unchanged": 433}]
    assert [one["calls"] + one["token_calls"] for one in told] == [0, 0]
    assert home.contents() == before
    assert home.control()["requests"] == 0


def _asking_anew_changes_no_row(home: Home, catalogue: Path) -> None:
    pages = {"raw_pages", "raw_pages_history"}
    before = {name: rows for name, rows in home.contents().items() if name not in pages}
    artists = [row[0] for row in duckdb.read_parquet(str(catalogue / "artists.parquet")).fetchall()][:60]
    playlists = [row[0] for row in duckdb.read_parquet(str(catalogue / "playlists.parquet")).fetchall()][:20]
    home.environ["TUNELAKE_MAX_AGE_HOURS"] = "0"
    told = home.run("collect", "artists", *ids(artists), "--with", ALL)
    told_too = home.run("collect", "playlists", *ids(playlists))
    assert home.control()["catalogue"] == told["calls"] + told_too["calls"] > 180
    assert set(told["landed"]["rows"]) | set(told_too["landed"]["rows"]) == {"raw_pages"}
    after = {name: rows for name, rows in home.contents().items() if name not in pages}
    assert after == before


def _similar_artists_need_a_stated_right(home: Home, made: dict[str, Any]) -> None:
    assert made["neighbours"] == 0
    assert "TUNELAKE_RIGHTS=spotify:model" in made["left_out"][0]
    assert home.one("select string_agg(distinct rights) from audio_features") == "spotify"

    home.environ["TUNELAKE_RIGHTS"] = "spotify:model"
    built = home.run("build")
    assert built["similar"]["left_out"] == []
    assert built["similar"]["neighbours"] == built["published"]["rows"]["similar_artists"] == 12060
    card = home.run("ask", "Gorillaz", "--offline")["document"]
    assert len(card["neighbours"]) == 10
    assert all(near["reasons"] for near in card["neighbours"])

    del home.environ["TUNELAKE_RIGHTS"]
    withdrawn = home.run("build")
    assert withdrawn["published"]["rows"]["similar_artists"] == 0
    assert home.run("ask", "Gorillaz", "--offline")["document"]["neighbours"] == []


def _documents_hold_what_the_marts_hold(made: dict[str, Any]) -> None:
    home = Path(made["home"])
    store = LmdbDocuments(home / "serving" / "documents.lmdb")
    with closing(store), Lake(home).connect() as connection:
        entities = connection.sql("select entity_id, albums, len(genres) from artist_profile").fetchall()
        documents = [store.get(entity_id) for entity_id, _, _ in entities]
        assert [(one.entity_id, len(one.releases), len(one.genres)) for one in documents if one] == entities
    assert sum(len(one.top_tracks) for one in documents if one) == made["counts"]["catalogue"]["top_tracks"]
    assert all(one and one.receipt and one.receipt.page_id for one in documents)


def test_what_an_application_of_today_may_ask(make_home: MakeHome, catalogue: Path) -> None:
    home = make_home("--catalogue", str(catalogue), "--profile", "development")
    rows = duckdb.read_parquet(str(catalogue / "tracks.parquet"))
    heard = rows.project("unnest(artist_ids) as id").aggregate("id, count(*) as n")
    artists = [row[0] for row in heard.filter("n between 12 and 15").order("id").limit(30).fetchall()]
    told = home.run("collect", "artists", *ids(artists), "--with", ALL)
    assert told["by_state"] == {"fetched": 30}
    assert told["gaps"] == []
    assert {"top_tracks", "related_artists", "audio_features"} <= set(told["forbidden"])
    assert all(told["forbidden"].values())  # with what the source said
    on = rows.project("album_id, artist_ids").fetchall()
    albums = {album for album, heard_on in on if set(heard_on) & set(artists)}
    assert home.one("select count(*) from albums") == len(albums)
    assert home.one("select count(*) from tracks") == sum(album in albums for album, _ in on)
    assert home.one("select count(*) from top_tracks") == 0
    assert home.one("select count(*) from audio_features") == 0
    home.run("build")
    card = home.run("ask", told["wants"][0]["name"], "--offline")["document"]
    assert card["top_kind"] == "tracks"
    shown = [track["name"] for track in card["top_tracks"]]
    assert 5 < len(set(shown)) == len(shown) <= 10
