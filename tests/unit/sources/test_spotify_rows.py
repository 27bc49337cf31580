from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rows
from tunelake.sources.spotify.drift import SPOTIFY
from tunelake.sources.spotify.rows import read_rows

ENDPOINTS = {
    "artist_top_tracks": "top_tracks",
    "followed_artists": "my_followed_artists",
    "get_album": "album",
    "playlist_1": "playlist",
    "playlist_2": "playlist",
    "recently_played_tracks": "my_recent_plays",
    "top_artists": "my_top_artists",
    "top_tracks": "my_top_tracks",
}
STATUS = {"playlist_not_found": 404, "rate_limit": 429}
NO_TABLE = {"categories", "category"}


def page(endpoint: str, body: Any, path: str = "/artists/a1/albums", **fields: Any) -> Page:
    return Page(
        page_id="0" * 32,
        source="spotify",
        rights="spotify",
        endpoint=endpoint,
        path=path,
        params=fields.get("params", ()),
        status=fields.get("status", 200),
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
        headers={},
        body=body if isinstance(body, bytes) else msgspec.json.encode(body),
    )


def count(rows: Rows) -> dict[str, int]:
    return {name: len(next(iter(table.values()))) for name, table in rows.tables.items()}


def artist(artist_id: str = "a1", **fields: Any) -> dict[str, Any]:
    return {"id": artist_id, "name": artist_id.upper(), **fields}


def track(track_id: str = "t1", **fields: Any) -> dict[str, Any]:
    album = {"id": "b1", "name": "", "release_date": "1997", "release_date_precision": "year"}
    return {"id": track_id, "name": "T", "artists": [artist()], "album": album, **fields}


@pytest.mark.shared
def test_every_recorded_answer_reads_into_rows_or_a_named_reason(shared_data: Path) -> None:
    files = sorted((shared_data / "spotify_responses").glob("*/*.json"))
    assert len(files) >= 36
    for file in files:
        name = file.stem
        rows = read_rows(page(ENDPOINTS.get(name, name), file.read_bytes(), status=STATUS.get(name, 200)))
        for place, shape in rows.look().items():
            assert shape.keys() <= SPOTIFY.known[SPOTIFY.kind_of(place)].keys(), (file, place, shape)
        if name in STATUS or name in NO_TABLE:
            assert not rows.tables
            assert rows.rejected[0].reason
        else:
            assert rows.tables, file
            assert all("no table takes them" in one.reason for one in rows.rejected), file
        for table in rows.tables.values():
            assert len({len(column) for column in table.values()}) == 1


@pytest.mark.shared
def test_recorded_top_tracks_have_their_rows_and_every_artist_its_name(shared_data: Path) -> None:
    body = (shared_data / "spotify_responses/before_2026-03/artist_top_tracks.json").read_bytes()
    rows = read_rows(page("top_tracks", body, "/artists/a1/top-tracks", params=(("market", "NL"),)))
    tables = rows.tables
    assert count(rows)["top_tracks"] == 10
    assert tables["top_tracks"]["rank"] == list(range(1, 11))
    assert set(tables["top_tracks"]["market"]) == {"NL"}
    assert set(tables["top_tracks"]["artist_id"]) == {"a1"}
    mentioned = {*tables["track_artists"]["artist_id"], *tables["album_artists"]["artist_id"]}
    assert mentioned == set(tables["artists"]["artist_id"])
    assert all(tables["artists"]["name"])
    assert all(len(code) == 12 for code in tables["tracks"]["isrc"])
    assert {*tables["tracks"]["album_id"]} == {*tables["albums"]["album_id"]}


@pytest.mark.shared
def test_both_shapes_of_playlist_items_read_alike(shared_data: Path) -> None:
    folder = shared_data / "spotify_responses"
    for era in ("before_2026-03", "after_2026-03"):
        body = (folder / era / "playlist_items.json").read_bytes()
        rows = read_rows(page("playlist_items", body, "/playlists/p1/items"))
        assert rows.tables["playlist_items"]["position"][0] == 0
        assert all(rows.tables["playlist_items"]["track_id"])
        assert {*rows.tables["playlist_items"]["item_type"]} == {"track"}
        assert rows.tables["playlist_items"]["added_at"][0].tzinfo is not None


def test_item_wins_over_track_and_either_alone_is_read() -> None:
    entries = [
        {"added_at": "2026-01-01T00:00:00Z", "track": track("old"), "item": track("new")},
        {"added_at": None, "track": track("only-old")},
        {"added_at": None, "item": track("only-new")},
    ]
    rows = read_rows(page("playlist_items", {"items": entries, "offset": 100}, "/playlists/p1/items"))
    assert rows.tables["playlist_items"]["track_id"] == ["new", "only-old", "only-new"]
    assert rows.tables["playlist_items"]["position"] == [100, 101, 102]


def test_nulls_episodes_and_local_files_keep_their_place_in_a_playlist() -> None:
    local = {"id": None, "name": "Mine", "type": "track", "is_local": True, "artists": [{"id": None}]}
    entries = [
        None,
        {"track": None},
        {"is_local": True, "track": local},
        {"track": {"id": "e1", "name": "Talk", "type": "episode"}},
        {"track": track("t1", type="track")},
    ]
    rows = read_rows(page("playlist_items", {"items": entries, "offset": 0}, "/playlists/p1/items"))
    items = rows.tables["playlist_items"]
    assert items["position"] == [0, 1, 2, 3, 4]
    assert items["track_id"] == [None, None, None, None, "t1"]
    assert items["item_type"] == [None, None, "track", "episode", "track"]
    assert items["is_local"] == [False, False, True, False, False]
    assert rows.tables["tracks"]["track_id"] == ["t1"]
    assert not rows.rejected


def test_a_field_of_another_type_is_absent_by_name_and_all_else_stays() -> None:
    body = {"tracks": [track("t1"), track("t2", popularity="high"), track("t3"), None, {"name": "no id"}]}
    rows = read_rows(page("tracks", body))
    assert rows.tables["tracks"]["track_id"] == ["t1", "t2", "t3"]
    assert rows.tables["tracks"]["popularity"] == [msgspec.UNSET] * 3
    assert [(one.where, one.reason) for one in rows.rejected] == [
        ("$.tracks[1].popularity", "Expected `int | null`, got `str`; the field counts as absent"),
        ("$.tracks[4]", "no id"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "table", "column"),
    [
        ("popularity", "57", "artists", "popularity"),
        ("followers", 5, "artists", "followers"),
        ("name", {"text": "A"}, "artists", "name"),
        ("images", {"items": []}, "artists", "image_url"),
    ],
)
def test_a_field_of_another_type_in_all_items_is_told_once(
    field: str, value: object, table: str, column: str
) -> None:
    body = {
        "artists": [artist("a1", popularity=1), *(artist(f"a{n}", **{field: value}) for n in range(2, 50))]
    }
    rows = read_rows(page("artists", body))
    assert len(rows.tables[table]["artist_id"]) == 49
    assert rows.tables[table][column][1:] == [msgspec.UNSET] * 48
    (told,) = rows.rejected
    assert told.where == f"$.artists[*].{field}"
    assert "in 48 places" in told.reason


def test_a_set_with_an_element_of_another_type_is_absent_as_a_whole() -> None:
    rows = read_rows(
        page("artists", {"artists": [artist("a1", genres=["x", 7]), artist("a2", genres=["y"])]})
    )
    assert rows.tables["artist_genres"]["artist_id"] == ["a2"]
    assert rows.empty_sets == {}
    rows = read_rows(page("tracks", {"tracks": [track("t1", artists=[artist(), 7]), track("t2")]}))
    assert rows.tables["tracks"]["track_id"] == ["t1", "t2"]
    assert rows.tables["track_artists"]["track_id"] == ["t2"]
    assert "track_artists" not in rows.empty_sets


def test_a_bad_artist_inside_a_track_takes_the_whole_track_lest_the_set_be_false() -> None:
    body = {"tracks": [track("t1", artists=[artist(), {"id": 7}]), track("t2")]}
    rows = read_rows(page("tracks", body))
    assert rows.tables["track_artists"]["track_id"] == ["t2"]
    assert rows.rejected[0].where == "$.tracks[0].artists[1].id"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"tracks": [',
        b"[]",
        b"null",
        b'{"tracks": 7}',
        b'{"other": []}',
        b'"\xff"',
        b"[" * 9999,
    ],
)
def test_what_is_no_answer_is_rejected_and_never_raises(body: bytes) -> None:
    for endpoint in ("tracks", "search", "artist", "album", "playlist", "playlist_items", "audio_features"):
        rows = read_rows(page(endpoint, body))
        assert not rows.tables
        assert rows.rejected
        assert rows.rejected[0].where.startswith("$")


def test_absent_says_nothing_and_null_says_null() -> None:
    body = {"artists": [artist("a1"), artist("a2", popularity=None, followers={"total": 5}, images=[])]}
    rows = read_rows(page("artists", body))
    assert rows.tables["artists"]["popularity"] == [msgspec.UNSET, None]
    assert rows.tables["artists"]["followers"] == [msgspec.UNSET, 5]
    assert rows.tables["artists"]["image_url"] == [msgspec.UNSET, None]


def test_all_genres_are_kept_and_an_empty_set_is_told_from_an_absent_one() -> None:
    body = {"artists": [artist("a1", genres=["x", "y", "x"]), artist("a2", genres=[]), artist("a3")]}
    rows = read_rows(page("artists", body))
    assert rows.tables["artist_genres"]["genre"] == ["x", "y"]
    assert rows.tables["artist_genres"]["position"] == [0, 1]
    assert rows.empty_sets == {"artist_genres": [("a2",)]}


def test_years_stay_years_and_empty_names_stay() -> None:
    rows = read_rows(page("tracks", {"tracks": [track()]}))
    assert rows.tables["albums"]["release_date"] == ["1997"]
    assert rows.tables["albums"]["release_date_precision"] == ["year"]
    assert rows.tables["albums"]["name"] == [""]


def test_relinked_tracks_keep_both_ids() -> None:
    rows = read_rows(page("track", track("t2", linked_from={"id": "t1"})))
    assert rows.tables["tracks"]["linked_from_id"] == ["t1"]


def test_tracks_of_an_album_belong_to_it() -> None:
    album = {"id": "b9", "name": "B", "label": "L", "external_ids": {"upc": "1"}, "artists": [artist()]}
    simple = {"id": "t1", "name": "T", "artists": [artist("a1"), artist("a2"), artist("a1")]}
    rows = read_rows(page("album", {**album, "tracks": {"items": [simple, None], "total": 2}}))
    assert rows.tables["tracks"]["album_id"] == ["b9"]
    assert rows.tables["albums"]["upc"] == ["1"]
    assert rows.tables["track_artists"]["artist_id"] == ["a1", "a2"]
    paged = read_rows(page("album_tracks", {"items": [simple]}, "/albums/b9/tracks"))
    assert paged.tables["tracks"]["album_id"] == ["b9"]
    assert "albums" not in paged.tables


def test_empty_rankings_are_empty_sets() -> None:
    top = read_rows(page("top_tracks", {"tracks": []}, "/artists/a1/top-tracks", params=(("market", "US"),)))
    assert top.empty_sets == {"top_tracks": [("a1", "US")]}
    related = read_rows(page("related_artists", {"artists": []}, "/artists/a1/related-artists"))
    assert related.empty_sets == {"related_artists": [("a1",)]}


def test_audio_features_of_one_and_of_many() -> None:
    one = {"id": "t1", "tempo": 120.5, "key": 3, "mode": None}
    for body in (one, {"audio_features": [one, None]}):
        features = read_rows(page("audio_features", body)).tables["audio_features"]
        assert features["track_id"] == ["t1"]
        assert features["tempo"] == [120.5]
        assert features["mode"] == [None]


def test_new_fields_are_noticed_in_the_object_they_stand_in() -> None:
    body = {"tracks": [track(mood="blue", artists=[artist(stage="left")])]}
    shapes = read_rows(page("tracks", body)).look()
    assert shapes["track"]["mood"] == "text"
    assert shapes["track.artists"]["stage"] == "text"
    assert shapes["track.album"]["id"].startswith("text")


def test_an_alias_of_our_own_making_is_a_row() -> None:
    record = {"artist_id": "a1", "alias": "방탄소년단", "method": "search alias", "confidence": 0.7}
    assert read_rows(page("alias", record)).tables["artist_aliases"]["alias"] == ["방탄소년단"]
