from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from tunelake.domain.pages import Page
from tunelake.sources.listenbrainz import endpoints
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
