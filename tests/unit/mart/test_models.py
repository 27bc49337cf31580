from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tunelake.errors import Fatal
from tunelake.mart.run import run_marts


def entity(artist_id: str, source: str = "sandbox") -> str:
    return "a" + hashlib.md5(f"{source}:{artist_id}".encode(), usedforsecurity=False).hexdigest()[:16]


def features(track_id: str, level: float | None, **other: Any) -> dict[str, Any]:
    names = ("danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness")
    return {"track_id": track_id, **dict.fromkeys(names, level), **other}


def two_artists() -> dict[str, list[dict[str, Any]]]:
    return {
        "artists": [
            {"artist_id": "A", "name": "Alpha", "popularity": 50},
            {"artist_id": "B", "name": "Beta", "popularity": 40},
            {"artist_id": "C", "name": "Guest"},
        ],
        "artist_genres": [
            {"artist_id": "A", "genre": "pop", "position": 1},
            {"artist_id": "A", "genre": "soul", "position": 0},
        ],
        "artist_aliases": [{"artist_id": "A", "alias": "알파", "method": "search", "confidence": 0.9}],
        "albums": [
            {"album_id": "L1", "name": "One", "album_type": "album", "release_date": "1997",
             "release_date_precision": "year", "total_tracks": 9},
            {"album_id": "L2", "name": "Two", "album_type": "single", "release_date": "2001-05",
             "release_date_precision": "month", "total_tracks": 1},
        ],
        "album_artists": [{"album_id": "L1", "artist_id": "A"}, {"album_id": "L2", "artist_id": "B"}],
        "tracks": [
            {"track_id": "T1", "name": "First", "album_id": "L1", "popularity": 9},
            {"track_id": "T2", "name": "Second", "album_id": "L1"},
            {"track_id": "T3", "name": "Third", "album_id": "L2"},
            {"track_id": "T4", "name": "First", "album_id": "L2"},
        ],
        "track_artists": [
            {"track_id": "T1", "artist_id": "A"}, {"track_id": "T1", "artist_id": "C"},
            {"track_id": "T4", "artist_id": "A"}, {"track_id": "T4", "artist_id": "C"},
            {"track_id": "T2", "artist_id": "A"}, {"track_id": "T3", "artist_id": "B"},
        ],
        "top_tracks": [
            {"artist_id": "A", "market": "US", "track_id": "T1", "rank": 1},
            {"artist_id": "A", "market": "KR", "track_id": "T1", "rank": 2},
            {"artist_id": "A", "market": "KR", "track_id": "T2", "rank": 1},
        ],
        "audio_features": [
            features("T1", 0.2), features("T2", 0.4), features("T3", 0.9), features("T4", 1.0),
        ],
    }  # fmt: skip


def test_identity_is_the_hash_of_source_and_id(make_lake: Callable[..., Any]) -> None:
    lake = make_lake({"artists": [{"artist_id": "A", "name": "x"}, {"artist_id": "A", "source": "upload"}]})
    run_marts(lake.engine)
    assert set(lake.mart("identity", "source", "entity_id")) == {
        ("sandbox", entity("A")),
        ("upload", entity("A", "upload")),
    }


def test_features_are_the_mean_over_distinct_top_tracks_of_all_markets(make_lake: Callable[..., Any]) -> None:
    lake = make_lake(two_artists())
    run_marts(lake.engine)
    rows = {row[0]: row[1:] for row in lake.mart(
        "artist_facts", "name", "features_from", "tracks", "tracks_with_features", "round(energy, 6)",
        "collected",
    )}  # fmt: skip
    assert rows["Alpha"] == ("top_tracks", 2, 2, 0.3, True)
    assert rows["Beta"] == ("tracks", 1, 1, 0.9, False)
    assert rows["Guest"] == ("tracks", 2, 2, 0.6, False)


def test_missing_features_stay_missing_and_single_nulls_do_not_count(make_lake: Callable[..., Any]) -> None:
    rows = two_artists()
    rows["audio_features"] = [features("T1", 0.2, energy=None), features("T2", None)]
    lake = make_lake(rows)
    run_marts(lake.engine)
    found = {
        r[0]: r[1:]
        for r in lake.mart("artist_facts", "name", "danceability", "energy", "tracks_with_features")
    }
    assert found["Alpha"] == (0.2, None, 1)
    assert found["Beta"] == (None, None, 0)


def test_rights_of_everything_the_facts_are_made_of_are_named(make_lake: Callable[..., Any]) -> None:
    rows = two_artists()
    rows["audio_features"][0]["rights"] = "spotify"
    lake = make_lake(rows)
    run_marts(lake.engine)
    assert dict(lake.mart("artist_facts", "name", "rights")) == {
        "Alpha": "all+spotify", "Beta": "all", "Guest": "all+spotify"
    }  # fmt: skip


def test_profile_keeps_every_genre_in_order_and_aliases(make_lake: Callable[..., Any]) -> None:
    lake = make_lake(two_artists())
    run_marts(lake.engine)
    rows = {r[0]: r[1:] for r in lake.mart("artist_profile", "name", "genres", "aliases", "albums", "tracks")}
    assert rows["Alpha"] == (["soul", "pop"], ["알파"], 1, 3)
    assert rows["Guest"] == ([], [], 0, 2)


def test_top_tracks_of_two_markets_coexist_and_unranked_artists_show_tracks(
    make_lake: Callable[..., Any],
) -> None:
    lake = make_lake(two_artists())
    run_marts(lake.engine)
    rows = lake.mart("artist_top_tracks", "entity_id", "market", "rank", "track_id", "year", "kind")
    assert {r[1:] for r in rows if r[0] == entity("A")} == {
        ("KR", 1, "T2", 1997, "top_tracks"),
        ("KR", 2, "T1", 1997, "top_tracks"),
        ("US", 1, "T1", 1997, "top_tracks"),
    }
    # The guest performs on "First" twice: one song, shown by its newest issue.
    assert [r[1:] for r in rows if r[0] == entity("C")] == [("", 1, "T4", 2001, "tracks")]


def test_a_year_stays_a_year(make_lake: Callable[..., Any]) -> None:
    lake = make_lake(two_artists())
    run_marts(lake.engine)
    assert lake.mart("discography", "name", "kind", "date", "precision", "tracks") == [
        ("One", "album", "1997", "year", 9),
        ("Two", "single", "2001-05", "month", 1),
    ]


def test_collaborations_are_seen_from_both_sides_and_count_songs(make_lake: Callable[..., Any]) -> None:
    lake = make_lake(two_artists())
    run_marts(lake.engine)
    found = lake.mart(
        "collaborations", "entity_id", "other_entity_id", "shared_tracks", "shared_songs", "songs"
    )
    a, c = entity("A"), entity("C")
    assert set(map(repr, found)) == {repr((a, c, 2, 1, ["First"])), repr((c, a, 2, 1, ["First"]))}


def test_every_mart_is_kept_and_the_report_counts_it(make_lake: Callable[..., Any]) -> None:
    lake = make_lake(two_artists())
    report = run_marts(lake.engine)
    assert report.rows == {name: table.num_rows for name, table in lake.marts.items()}
    assert report.rows["artist_facts"] == 3
    assert report.checks > len(report.models)


def test_an_empty_lake_gives_empty_marts(make_lake: Callable[..., Any]) -> None:
    report = run_marts(make_lake({}).engine)
    assert set(report.rows.values()) == {0}


def test_a_broken_promise_stops_the_run_and_keeps_nothing(make_lake: Callable[..., Any]) -> None:
    rows = two_artists()
    rows["artists"].append({"artist_id": "A", "name": "Alpha again"})
    lake = make_lake(rows)
    with pytest.raises(Fatal, match=r"identity: 1 values of \(source, kind, id\) in more than one row"):
        run_marts(lake.engine)
    assert lake.marts == {}
