"""What breaks a contract waits with its reason and its answer, and leaves by a fix or a person's decision."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lake.pages import make, read, reading

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rows
from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import Column
from tunelake.lake.lake import Lake
from tunelake.lake.landing.redact_files import redact
from tunelake.lake.quarantine.duckdb_release import GONE, ReleaseReport
from tunelake.lake.quarantine.mend import fitted

NOW = datetime(2026, 2, 1, tzinfo=UTC)
POPULARITY = "'popularity' is 170, but 0 to 100 is expected"


def artist(at: int, popularity: object, key: str = "a", **more: object) -> Page:
    return make(at, {"artists": [{"artist_id": key, "name": key.upper(), "popularity": popularity, **more}]})


def release(lake: Lake, *ids: str, accept: bool = False, table: str | None = None) -> ReleaseReport:
    return lake.release(ids, table, accept=accept, who="ann", why="so said", now=NOW)


def land(lake: Lake, *pages: Page) -> None:
    for page in pages:
        lake.landing.append(page)
    lake.land()


def named(lake: Lake) -> dict[str, Any]:
    return {row["artist_id"]: row for row in lake.current("artists").to_pylist()}


def better(page: Page) -> Rows:
    """A reader that was mended: popularity of 170 was a slip of its own."""
    rows = read(page)
    for columns in rows.tables.values():
        if "popularity" in columns:
            columns["popularity"] = [int(value) % 100 for value in columns["popularity"]]
    return rows


def test_an_entry_has_its_reason_and_its_answer(lake: Lake) -> None:
    page = artist(1, 170)
    land(lake, page, artist(2, 50, "b"))
    (entry,) = lake.quarantined()
    assert (entry.where, entry.reason, entry.page_id) == ("artists[0]", POPULARITY, page.page_id)
    assert lake.read_page(entry.page_id).body == page.body
    assert set(named(lake)) == {"b"}


def test_what_still_breaks_the_contract_stays_and_says_so(lake: Lake) -> None:
    land(lake, artist(1, 170))
    report = release(lake)
    assert [reason for _, reason in report.staying] == [POPULARITY]
    assert (report.released, report.tables, len(lake.quarantined())) == ((), (), 1)
    assert lake.current("quarantine_releases").num_rows == 0


def test_after_a_fix_the_answer_is_read_again(lake: Lake, tmp_path: Path) -> None:
    land(lake, artist(1, 170), artist(2, 10, "b"), artist(3, "200", "c"))
    fixed = Lake(tmp_path / "home", reader=better)
    chosen = next(entry for entry in fixed.quarantined() if entry.reason == POPULARITY)
    report = release(fixed, chosen.id)
    assert ([how for _, how in report.released], report.tables) == (["fixed"], ("artists",))
    assert {key: row["popularity"] for key, row in named(fixed).items()} == {"a": 70, "b": 10}
    assert [entry.where for entry in fixed.quarantined()] == ["artists[0]"]
    assert release(fixed).tables == ("artists",)
    assert (set(named(fixed)), fixed.quarantined()) == ({"a", "b", "c"}, [])
    assert fixed.replay(check=True).differing == []


def test_what_is_wrong_at_another_place_after_a_fix_is_not_lost(lake: Lake, tmp_path: Path) -> None:
    def turned(page: Page) -> Rows:
        """A reader that reads from the end."""
        rows = read(page)
        for columns in rows.tables.values():
            for name in columns:
                columns[name] = columns[name][::-1]
        return rows

    told = [{"artist_id": key, "name": key, "popularity": 170 if key == "a" else 5} for key in "abc"]
    land(lake, make(1, {"artists": told}))
    fixed = Lake(tmp_path / "home", reader=turned)
    assert [entry.where for entry, _ in release(fixed).released] == ["artists[0]"]
    assert [(entry.where, entry.reason) for entry in fixed.quarantined()] == [("artists[2]", POPULARITY)]
    assert set(named(fixed)) == {"b", "c"}
    assert fixed.replay(check=True).differing == []


def test_a_person_takes_a_row_and_no_replay_loses_it(lake: Lake) -> None:
    land(lake, artist(1, 170, followers="12", active_from=1999.0), artist(2, 10, "b"))
    (entry,) = lake.quarantined()
    report = release(lake, entry.id, accept=True)
    assert ([how for _, how in report.released], report.tables) == (["accepted"], ("artists",))
    taken = named(lake)["a"]
    assert (taken["popularity"], taken["followers"], taken["active_from"]) == (None, 12, 1999)
    (decision,) = lake.current("quarantine_releases").to_pylist()
    assert (decision["how"], decision["who"], decision["why"]) == ("accepted", "ann", "so said")
    assert (decision["answer_id"], decision["observed_at"]) == (entry.page_id, NOW)
    assert lake.replay(check=True).differing == []
    lake.replay()
    assert (named(lake)["a"], lake.quarantined()) == (taken, [])


def test_a_row_without_its_key_cannot_be_taken(lake: Lake) -> None:
    land(lake, make(1, {"artists": [{"artist_id": None, "name": "Nobody"}]}), make(2, {}, rejected=1))
    report = release(lake, accept=True)
    assert sorted(reason for _, reason in report.staying) == [
        "'artist_id' is missing, and no row can be without it", "told so",
    ]  # fmt: skip
    assert len(lake.quarantined()) == 2


def test_a_set_is_whole_once_its_row_is_in(lake: Lake) -> None:
    def genres(at: int, *places: object) -> Page:
        rows = [{"artist_id": "a", "genre": f"g{place}", "position": place} for place in places]
        return make(at, {"artist_genres": rows})

    land(lake, genres(1, 0, 1), genres(2, 0, "two"))
    # An incomplete set removes nothing.
    assert {row["genre"] for row in lake.current("artist_genres").to_pylist()} == {"g0", "g1"}
    release(lake, accept=True)
    assert {row["genre"] for row in lake.current("artist_genres").to_pylist()} == {"g0", "gtwo"}
    assert lake.replay(check=True).differing == []


def test_a_set_of_several_answers_is_whole_once_its_row_is_in(lake: Lake) -> None:
    def items(at: int, name: str, offset: int, *tracks: object, whole: bool) -> Page:
        rows = [
            {"playlist_id": "p", "position": place, "track_id": track}
            for place, track in enumerate(tracks, offset)
        ]
        return make(at, {"playlist_items": rows}, listing=reading(name, at, offset=offset, whole=whole))

    def tracks() -> list[str]:
        rows = lake.current("playlist_items").sort_by("position")
        found: list[str] = rows.column("track_id").to_pylist()
        return found

    land(lake, items(1, "r", 0, "a", "b", "c", whole=True))
    land(lake, items(2, "s", 0, "x", 7, whole=False), items(2, "s", 2, "z", whole=True))
    assert tracks() == ["x", "b", "z"]
    assert len(release(lake, accept=True).released) == 1
    assert tracks() == ["x", "7", "z"]
    assert lake.replay(check=True).differing == []


def test_an_answer_that_is_gone_keeps_its_entry(lake: Lake) -> None:
    land(lake, artist(1, 170))
    place = lake.sql('SELECT segment, "offset", length FROM raw_pages').read_all().to_pylist()[0]
    redact(lake.home, [(place["segment"], place["offset"], place["length"])])
    report = release(lake, accept=True)
    assert [reason for _, reason in report.staying] == [GONE]


def test_entries_are_chosen_by_id_and_table(lake: Lake) -> None:
    land(lake, artist(1, 170), artist(2, 180, "b"), make(3, {}, rejected=1))
    with pytest.raises(ConfigError, match="nothing in quarantine is called abc"):
        release(lake, "abc")
    assert len(release(lake, table="artists", accept=True).released) == 2
    assert [entry.row for entry in lake.quarantined()] == [None]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int32", "12", 12), ("int32", 3.0, 3), ("int32", 3.5, None), ("int32", "x", None),
        ("int32", 2**40, None), ("int64", 2**40, 2**40), ("float64", "1.5", 1.5), ("float64", "nan", None),
        ("string", 7, "7"), ("string", ["a"], None), ("bool", "True", True), ("bool", 2, None),
        ("timestamp", "2026-01-01T00:00:00+00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamp", "2026-01-01", None), ("int32", -1, None), ("int32", None, None),
    ],
)  # fmt: skip
def test_a_value_is_converted_where_that_is_no_guess(kind: Any, value: object, expected: object) -> None:
    column = Column(name="x", type=kind, meaning="M.", min=0 if kind == "int32" else None)
    assert fitted(column, value) == expected
