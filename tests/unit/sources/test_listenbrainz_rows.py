from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from tunelake.domain.pages import Page
from tunelake.sources.listenbrainz import endpoints
from tunelake.sources.listenbrainz.read import read_gist
from tunelake.sources.listenbrainz.rows import read_rows
from tunelake.sources.request import Request


def page(request: Request, answer: Any) -> Page:
    return Page(
        page_id="p" * 32, source="listenbrainz", rights="cc0", endpoint=request.endpoint, path=request.path,
        params=request.params, status=200, fetched_at=datetime(2026, 1, 1, tzinfo=UTC), headers={},
        body=msgspec.json.encode(answer),
    )  # fmt: skip


def test_counts_leave_out_whom_nobody_listened_to() -> None:
    request = endpoints.popularity(["m", "n"])
    assert endpoints.body_of(request) == b'{"artist_mbids":["m","n"]}'
    rows = read_rows(page(request, [
        {"artist_mbid": "m", "total_listen_count": 9, "total_user_count": 2},
        {"artist_mbid": "n", "total_listen_count": None, "total_user_count": None},
    ]))  # fmt: skip
    assert rows.tables == {
        "listen_counts": {"kind": ["artist"], "id": ["m"], "listens": [9], "listeners": [2]}
    }


def test_top_recordings_are_a_ranking_of_the_world() -> None:
    songs = [
        {"recording_mbid": "r1", "recording_name": "One", "length": 1000, "artist_mbids": ["m", "n"],
         "artists": [{"artist_mbid": "m", "artist_credit_name": "M"}], "total_listen_count": 9},
        {"recording_mbid": "r2", "recording_name": "Two", "length": None, "artist_mbids": ["m"]},
    ]  # fmt: skip
    rows = read_rows(page(endpoints.top_recordings("m"), songs))
    assert rows.tables["top_tracks"] == {
        "artist_id": ["m", "m"], "market": ["", ""], "track_id": ["r1", "r2"], "rank": [1, 2],
    }  # fmt: skip
    assert sorted(zip(*rows.tables["track_artists"].values(), strict=True)) == [
        ("r1", "m", 0), ("r1", "n", 1), ("r2", "m", 0),
    ]  # fmt: skip
    assert read_rows(page(endpoints.top_recordings("m"), [])).empty_sets == {"top_tracks": [("m", "")]}


def test_similar_artists_are_in_order_and_never_the_artist_itself() -> None:
    answer = {
        "m": [{"similar_artist_mbid": "m", "similar_artist_name": "M"}],
        "b": [{"similar_artist_mbid": "b", "similar_artist_name": "B"}],
        "a": [{"similar_artist_mbid": "a", "similar_artist_name": None}],
        "none": [],
    }
    rows = read_rows(page(endpoints.similar_artists("m"), answer))
    assert rows.tables["related_artists"]["other_artist_id"] == ["b", "a"]
    assert rows.tables["artists"]["name"] == ["B", msgspec.UNSET]


def test_an_answer_of_another_shape_is_rejected() -> None:
    assert (
        "Expected `array`"
        in read_rows(page(endpoints.top_recordings("m"), {"error": "x"})).rejected[0].reason
    )
    assert "no table" in read_rows(page(Request("other", "/x"), [])).rejected[0].reason


def test_a_field_of_another_type_is_left_out_by_name_below_keys_of_any_name() -> None:
    answer = {
        name: [{"similar_artist_mbid": name, "similar_artist_name": at}] for at, name in enumerate("ab")
    }
    rows = read_rows(page(endpoints.similar_artists("m"), answer))
    assert rows.tables["related_artists"]["other_artist_id"] == ["a", "b"]
    assert rows.tables["artists"]["name"] == [msgspec.UNSET, msgspec.UNSET]
    assert [one.where for one in rows.rejected] == ["$[...][*].similar_artist_name"]
    whole = read_rows(page(endpoints.similar_artists("m"), {"a": {"similar_artist_mbid": "a"}}))
    assert (whole.tables, len(whole.rejected)) == ({}, 1)


def test_what_is_not_told_of_a_listen_or_a_count_says_nothing() -> None:
    counts = read_rows(page(endpoints.popularity(["m"]), [{"artist_mbid": "m", "total_listen_count": 9}]))
    assert counts.tables["listen_counts"]["listeners"] == [msgspec.UNSET]
    listen = {"listened_at": 5, "recording_msid": "r", "track_metadata": {"artist_name": "A"}}
    listens = read_rows(page(endpoints.listens("u", 0), {"payload": {"listens": [listen]}}))
    assert listens.tables["listens"]["track_name"] == [msgspec.UNSET]
    part = read_gist(endpoints.listens("u", 0), b'{"payload": {"listens": [{"listened_at": 5}]}}').part
    assert part
    assert "min_ts=5" in (part.next or ""), "later ones are asked for, though nobody tells of them"
