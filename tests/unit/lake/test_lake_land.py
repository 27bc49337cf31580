from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from tests.unit.lake.pages import at, make, read, reading

from tunelake.errors import Fatal, Retryable, Skippable
from tunelake.lake.contracts.contract import load
from tunelake.lake.lake import Lake
from tunelake.lake.locks.file_locks import held
from tunelake.lake.tables.delta_tables import DeltaTables


def _artist(**values: Any) -> dict[str, list[dict[str, Any]]]:
    return {"artists": [{"artist_id": "a", **values}]}


def _items(*tracks: str) -> dict[str, list[dict[str, Any]]]:
    rows = [{"playlist_id": "p", "position": n, "track_id": track} for n, track in enumerate(tracks)]
    return {"playlist_items": rows}


def _names(lake: Lake) -> list[str]:
    return [row["name"] for row in lake.history("artists").to_pylist()]


def test_a_page_becomes_rows_once(lake: Lake) -> None:
    page = make(1, _artist(name="A", popularity=7))
    lake.landing.append(page)
    report = lake.land()
    assert (report.pages, report.rows, report.rejected) == (1, {"artists": 1, "raw_pages": 1}, 0)
    assert report.bytes == len(page.body)
    (row,) = lake.current("artists").to_pylist()
    assert (row["name"], row["popularity"], row["followers"]) == ("A", 7, None)
    assert (row["source"], row["rights"], row["page_id"]) == ("plain", "all", page.page_id)
    assert row["observed_at"] == at(1)
    assert not lake.land().pages


def test_what_is_absent_stays_and_what_is_null_goes(lake: Lake) -> None:
    lake.landing.append(make(1, _artist(name="A", country="KR")))
    lake.landing.append(make(2, _artist(country=None)))
    lake.land()
    (row,) = lake.current("artists").to_pylist()
    assert (row["name"], row["country"]) == ("A", None)


def test_an_unchanged_answer_adds_no_row(lake: Lake) -> None:
    for seconds in (1, 2):
        lake.landing.append(make(seconds, {**_artist(name="A"), **_items("t")}))
        lake.land()
    lake.landing.append(make(3, _artist()))
    report = lake.land()
    assert report.rows == {"raw_pages": 1}
    assert report.unchanged == {"artists": 1}
    assert _names(lake) == ["A"]
    assert lake.history("playlist_items").num_rows == 1


def test_several_observations_in_one_batch_are_all_kept_in_order(lake: Lake) -> None:
    for seconds, name in enumerate("AABA"):
        lake.landing.append(make(seconds, _artist(name=name)))
    report = lake.land()
    assert sorted(_names(lake)) == ["A", "A", "B"]
    assert report.unchanged == {"artists": 1}
    assert lake.current("artists").column("name").to_pylist() == ["A"]


def test_a_late_page_does_not_undo_what_an_unchanged_one_confirmed(lake: Lake) -> None:
    for seconds, name in ((0, "A"), (5, "A"), (3, "B")):
        lake.landing.append(make(seconds, {**_artist(name=name), **_items(name)}))
        lake.land()
    assert lake.current("artists").column("name").to_pylist() == ["A"]
    assert lake.current("playlist_items").column("track_id").to_pylist() == ["A"]
    assert sorted(_names(lake)) == ["A", "A", "B"]


def test_two_writers_whose_clocks_differ_lose_nothing(lake: Lake) -> None:
    """A day between them: each observation stays, the later by its own time is what is so now."""
    other = Lake(lake.home.root, reader=read)
    day = 86_400
    for step, name in enumerate("ABC"):
        other.landing.append(make(step, _artist(name=f"slow {name}")))
        lake.landing.append(make(day + step, _artist(name=f"fast {name}")))
        (lake, other)[step % 2].land()
    assert sorted(_names(lake)) == [f"{clock} {name}" for clock in ("fast", "slow") for name in "ABC"]
    for one in (lake, other):
        assert one.current("artists").column("name").to_pylist() == ["fast C"]
        (before,) = one.sql("select name from artists", at(day - 1)).read_all().to_pylist()
        assert before == {"name": "slow C"}


def test_a_whole_set_removes_and_an_incomplete_one_only_adds(lake: Lake) -> None:
    lake.landing.append(make(0, _items("t", "u", "v")))
    lake.landing.append(make(1, _items("x"), listing=reading("cut", 1, whole=False)))
    lake.land()
    tracks = lake.current("playlist_items").sort_by("position").column("track_id").to_pylist()
    assert tracks == ["x", "u", "v"]
    lake.landing.append(make(2, _items("y")))
    lake.land()
    assert lake.current("playlist_items").column("track_id").to_pylist() == ["y"]


def test_pages_of_a_reading_are_one_set_even_when_landed_apart(lake: Lake) -> None:
    lake.landing.append(make(0, _items("old", "old", "old")))
    lake.landing.append(make(5, _items("t"), listing=reading("l", 5, whole=False)))
    lake.land()
    second = {"playlist_items": [{"playlist_id": "p", "position": 1, "track_id": "u"}]}
    lake.landing.append(make(6, second, listing=reading("l", 5, offset=1)))
    lake.land()
    items = lake.current("playlist_items").sort_by("position")
    assert items.column("track_id").to_pylist() == ["t", "u"]


def test_an_empty_set_is_remembered_and_hidden(lake: Lake) -> None:
    lake.landing.append(make(0, {"artist_genres": [{"artist_id": "a", "genre": "pop", "position": 0}]}))
    lake.landing.append(make(1, {}, empty={"artist_genres": [["a"]]}))
    lake.land()
    assert lake.current("artist_genres").num_rows == 0
    assert sorted(map(str, lake.history("artist_genres").column("genre").to_pylist())) == ["None", "pop"]
    lake.landing.append(make(2, {}, empty={"artist_genres": [["a"]]}))
    assert lake.land().rows == {"raw_pages": 1}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"artist_id": None, "name": "A"}, "'artist_id' is missing"),
        ({"name": "A"}, "'artist_id' is missing"),
        ({"artist_id": "a", "popularity": 101}, "'popularity' is 101, but 0 to 100 is expected"),
        ({"artist_id": "a", "popularity": "high"}, "'popularity' is 'high', but int32 is expected"),
        ({"artist_id": "a", "popularity": 1 << 40}, "'popularity' is 1099511627776, but int32 is expected"),
        ({"artist_id": "a", "followers": -1}, "'followers' is -1, but 0 or more is expected"),
        ({"artist_id": 7}, "'artist_id' is 7, but string is expected"),
    ],
)
def test_a_row_that_breaks_the_contract_is_named_and_the_others_land(
    lake: Lake, row: dict[str, Any], reason: str
) -> None:
    page = make(0, {"artists": [{"artist_id": "good", "name": "G"}, row]})
    lake.landing.append(page)
    report = lake.land()
    assert report.rejected == 1
    assert lake.current("artists").column("artist_id").to_pylist() == ["good"]
    (found,) = lake.current("quarantine").to_pylist()
    assert (found["page_id"], found["where"]) == (page.page_id, "artists[1]")
    assert reason in found["reason"]


def test_a_set_with_a_row_left_out_removes_nothing(lake: Lake) -> None:
    lake.landing.append(make(0, _items("t", "u")))
    lake.landing.append(make(1, {"playlist_items": [{"playlist_id": "p", "position": -1, "track_id": "x"}]}))
    lake.landing.append(make(2, _items("z"), rejected=1))
    lake.land()
    tracks = lake.current("playlist_items").sort_by("position").column("track_id").to_pylist()
    assert tracks == ["z", "u"]


def test_answers_that_are_errors_are_kept_raw(lake: Lake) -> None:
    lake.landing.append(make(0, _artist(name="A"), status=404))
    report = lake.land()
    assert report.rejected == 0
    assert lake.current("artists").num_rows == 0
    assert lake.current("raw_pages").num_rows == 1


def test_a_lake_without_a_reader_lands_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    lake.landing.append(make(0, _artist(name="A")))
    with pytest.raises(Fatal, match="reader"):
        lake.land()


def test_a_reader_that_is_wrong_stops_the_landing(tmp_path: Path, lake: Lake) -> None:
    lake.landing.append(make(0, {"martians": [{"id": "x"}]}))
    with pytest.raises(Fatal, match="martians"):
        lake.land()
    other = Lake(tmp_path / "other", reader=read)
    other.landing.append(make(0, _artist(mood="x")))
    with pytest.raises(Fatal, match="mood"):
        other.land()


def test_rows_expire_by_their_rights(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", reader=read, expire={"all": timedelta(days=1)})
    lake.landing.append(make(0, _artist(name="A")))
    lake.land()
    assert lake.current("artists").column("expires_at").to_pylist() == [at(24 * 3600)]


def test_every_body_is_kept_with_what_was_asked(lake: Lake) -> None:
    page = make(3, _artist(name="A"), listing=reading("l", 1, offset=50))
    lake.landing.append(page)
    lake.land()
    (row,) = lake.current("raw_pages").to_pylist()
    assert (row["path"], row["params"], row["status"]) == ("/rows", "limit=50", 200)
    assert (row["fetched_at"], row["observed_at"], row["listing_offset"]) == (at(3), at(1), 50)
    assert lake.read_page(page.page_id) == page
    with pytest.raises(Skippable, match="nobody"):
        lake.read_page("nobody")


def test_landings_take_turns(lake: Lake) -> None:
    with (
        held(lake.home.locks / "lander"),
        pytest.raises(Retryable),
        held(lake.home.locks / "lander", wait_seconds=0.1),
    ):
        pass


def test_who_lands_what_another_landed_meanwhile_writes_nothing(lake: Lake) -> None:
    """As when a machine slept until another took over the lake."""
    lake.landing.append(make(1, _artist(name="A")))
    lake.land()
    contract, place = load()["artists"], lake.home.tables
    rows = DeltaTable(str(place / "artists")).to_pyarrow_table()
    slept, other = DeltaTables(place), DeltaTables(place)
    end = slept.position("artists") + 1
    files = slept.files("artists")
    other.append(contract, rows, end)
    with pytest.raises(Retryable, match="meanwhile"):
        slept.append(contract, rows, end)
    assert len(slept.files("artists")) == len(files) + 1
    # What only puts files together is in nobody's way.
    DeltaTable(str(place / "artists")).optimize.compact()
    slept.append(contract, rows, end + 1)
    assert slept.position("artists") == end + 1


def test_a_table_opens_to_every_reader_and_keeps_no_ids_in_statistics(lake: Lake) -> None:
    lake.landing.append(make(0, {**_artist(name="A"), **_items("t")}))
    lake.land()
    for name in ("artists", "playlist_items", "raw_pages"):
        table = DeltaTable((lake.home.tables / name).uri)
        protocol = table.protocol()
        assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)
        assert table.metadata().configuration["delta.checkpointInterval"] == "20"
        statistics = [
            key for key in table.get_add_actions(flatten=True).schema.names if key.startswith("min.")
        ]
        assert set(statistics) <= {"min._key", "min.observed_at"}
        (file,) = table.file_uris()
        group = pq.read_metadata(file).row_group(0)
        held_by = [
            group.column(n).path_in_schema for n in range(group.num_columns) if group.column(n).is_stats_set
        ]
        assert held_by == ["_key", "observed_at"]


def test_a_log_is_sorted_by_key(lake: Lake) -> None:
    lake.landing.append(make(0, {"artists": [{"artist_id": str(n), "name": "x"} for n in range(100)]}))
    lake.land()
    (file,) = DeltaTables(lake.home.tables).files("artists")
    keys = pq.read_table(file).column("_key").to_pylist()
    assert keys == sorted(keys)


def test_a_column_added_to_a_contract_is_absent_from_old_rows(lake: Lake) -> None:
    lake.landing.append(make(0, _artist(name="A")))
    lake.land()
    tables = DeltaTables(lake.home.tables)
    (file,) = tables.files("artists")
    # As an older version would have written it: without the newest column.
    newest = load()["artists"].names[-1]
    tables.replace("artists", pq.read_table(file).drop_columns([newest]))
    assert lake.current("artists").column(newest).to_pylist() == [None]
    old = Lake(lake.home.root, reader=read)
    old.landing.append(make(-1, _artist(**{newest: "known before"})))
    old.landing.append(make(1, {"artists": [{"artist_id": "b", newest: "x"}]}))
    old.land()
    assert set(old.current("artists").column(newest).to_pylist()) == {"known before", "x"}
    assert old.current("artists").schema.names == old.history("artists").schema.names


def test_tables_of_an_empty_lake_are_empty(lake: Lake) -> None:
    for name in load():
        assert lake.current(name).num_rows == 0
        assert lake.history(name).num_rows == 0
