"""Where tracks and albums can be played: each set of markets is kept once; what is absent says nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import UNSET
from msgspec.structs import replace

from tunelake.domain.pages import Page, fingerprint, page_id
from tunelake.domain.rows import Rows
from tunelake.lake.contracts.contract import load
from tunelake.lake.lake import Lake
from tunelake.sources.spotify.rows import read_rows

START = datetime(2026, 11, 1, tzinfo=UTC)
IN_KOREA = """
    select name, size from tracks join market_sets using (source, market_set)
    where markets like '%KR%' order by name
"""


def page(*tracks: dict[str, Any], at: int = 0) -> Page:
    body = msgspec.json.encode({"tracks": tracks})
    request, when = fingerprint("spotify", "/tracks", ()), START + timedelta(seconds=at)
    return Page(
        page_id=page_id(request, when, body),
        source="spotify",
        rights="spotify",
        endpoint="tracks",
        path="/tracks",
        params=(),
        status=200,
        fetched_at=when,
        headers={},
        body=body,
    )


def track(track_id: str, *markets: Any, **more: Any) -> dict[str, Any]:
    told = {"available_markets": markets[0]} if markets else {}
    return {"id": track_id, "name": track_id.upper(), "album": {"id": "b", "name": "B"}} | told | more


def names(rows: Rows) -> list[Any]:
    return rows.tables["tracks"]["market_set"]


def land(lake: Lake, *pages: Page) -> None:
    for one in pages:
        lake.landing.append(one)
    lake.land()


def ask(lake: Lake, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.sql(query).read_all().to_pylist()
    return rows


def test_the_same_markets_are_one_set_in_any_order() -> None:
    rows = read_rows(page(
        track("a", ["KR", "DE"]), track("b", ["DE", "KR", "DE"]), track("c", ["DE"]), track("d", ["KR", "DE"])
    ))  # fmt: skip
    first, second, third, fourth = names(rows)
    assert first == second == fourth != third
    assert rows.tables["market_sets"] == {
        "market_set": [first, third], "markets": ["DE KR", "DE"], "size": [2, 1]
    }  # fmt: skip
    assert names(read_rows(page(track("a", ["KR", "DE"]))))[0] == first


def test_albums_have_sets_too_whole_or_inside_a_track() -> None:
    inside = {"id": "b", "name": "B", "available_markets": ["KR"]}
    rows = read_rows(page(track("a", ["KR"], album=inside)))
    assert rows.tables["albums"]["market_set"] == names(rows)


def test_absent_null_and_nowhere_are_three_things() -> None:
    rows = read_rows(page(track("a"), track("b", None), track("c", [])))
    assert names(rows)[:2] == [UNSET, None]
    assert rows.tables["market_sets"] == {"market_set": [names(rows)[2]], "markets": [""], "size": [0]}
    assert rows.tables["albums"]["market_set"] == [UNSET]


@pytest.mark.parametrize("wrong", ["KR", 7, {"KR": True}, ["KR", 7], [None], [["KR"]], [""], ["K R"]])
def test_what_is_no_list_of_markets_is_named_and_costs_nothing_else(wrong: Any) -> None:
    rows = read_rows(page(track("a", wrong), track("b", ["KR"])))
    assert rows.tables["tracks"]["name"] == ["A", "B"]
    assert names(rows)[0] is UNSET
    assert rows.tables["market_sets"]["markets"] == ["KR"]
    (rejected,) = rows.rejected
    assert rejected.where == "available_markets of a"
    assert rejected.reason.endswith("the field counts as absent")


def test_an_answer_that_has_something_else_wrong_keeps_its_markets() -> None:
    tracks = [track(one, ["KR", "DE"]) for one in "abc"]
    rows = read_rows(page(track("x", ["KR"], duration_ms="long"), track("y", None), *tracks, track("z")))
    whole = read_rows(page(track("x", ["KR"]), track("y", None), *tracks, track("z")))
    assert len(rows.rejected) == 1
    assert names(rows) == names(whole)
    assert rows.tables["market_sets"] == whole.tables["market_sets"]


def test_a_list_of_any_length_is_read() -> None:
    codes = [f"M{number}" for number in range(5_000)]
    assert read_rows(page(track("a", codes))).tables["market_sets"]["size"] == [5_000]


def test_a_poorer_answer_leaves_what_is_known_and_a_replay_gives_the_same(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", reader=read_rows)
    land(lake, page(track("a", ["KR", "DE"]), track("b", ["DE"])), page(track("a"), at=1))
    land(lake, page(track("c", ["DE", "KR"]), at=2), page(track("b", ["KR"]), at=3), page(track("b"), at=4))
    found = ask(lake, IN_KOREA)
    assert found == [{"name": "A", "size": 2}, {"name": "B", "size": 1}, {"name": "C", "size": 2}]
    assert ask(lake, "select count(*) as n from market_sets_history") == [{"n": 3}]
    past = ask(lake, "select market_set from tracks_history where track_id = 'b'")
    assert len({row["market_set"] for row in past}) == 2
    assert lake.replay(check=True).differing == []


def test_a_home_from_before_is_read_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: replace(load()[name], columns=load()[name].columns[:-1]) for name in ("tracks", "albums")}

    def read_less(page: Page) -> Rows:
        rows = read_rows(page)
        for name in before:
            del rows.tables[name]["market_set"]
        del rows.tables["market_sets"]
        return rows

    with monkeypatch.context() as then:
        for name, contract in before.items():
            then.setitem(load(), name, contract)
        land(Lake(tmp_path / "home", reader=read_less), page(track("a", ["KR"]), track("b", ["DE"])))
    lake = Lake(tmp_path / "home", reader=read_rows)
    assert ask(lake, "select name, market_set from tracks order by 1") == [
        {"name": "A", "market_set": None}, {"name": "B", "market_set": None}
    ]  # fmt: skip
    assert ask(lake, IN_KOREA) == []
    land(lake, page(track("c", ["KR"]), at=1))
    assert [row["name"] for row in ask(lake, IN_KOREA)] == ["C"]
    lake.replay()
    assert [row["name"] for row in ask(lake, IN_KOREA)] == ["A", "C"]
    assert lake.replay(check=True).differing == []


@pytest.mark.shared
def test_recorded_albums_are_where_they_say(shared_data: Path) -> None:
    body = (shared_data / "spotify_responses/before_2026-03/albums.json").read_bytes()
    rows = read_rows(replace(page(), endpoint="albums", path="/albums", body=body))
    told = {album["id"]: set(album["available_markets"]) for album in msgspec.json.decode(body)["albums"]}
    sets = dict(zip(*(rows.tables["market_sets"][name] for name in ("market_set", "markets")), strict=True))
    albums = rows.tables["albums"]
    assert {
        one: set(sets[name].split())
        for one, name in zip(albums["album_id"], albums["market_set"], strict=True)
    } == told  # fmt: skip
