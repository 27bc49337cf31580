"""A run does only what changed, and a broken promise leaves what was kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from deltalake import DeltaTable
from tests.property.test_marts_in_parts import pages, read
from tests.unit.mart.test_models import entity

from tunelake.errors import ConfigError, Fatal
from tunelake.lake.lake import Lake
from tunelake.mart.delta_memory import DeltaMemory
from tunelake.mart.duckdb_engine import DuckdbEngine
from tunelake.mart.model import Model, Range, needed, read_model
from tunelake.mart.run import run_marts, standard_models

Observation = tuple[str, str, str, dict[str, dict[str, list[Any]]]]


def artist(artist_id: str, name: str, popularity: int = 1) -> Observation:
    tables: dict[str, dict[str, list[Any]]] = {
        "artists": {"artist_id": [artist_id], "name": [name], "popularity": [popularity]},
        "artist_genres": {"artist_id": [artist_id], "genre": ["pop"], "position": [0]},
    }
    return "sandbox", "artist", "/artists/x", tables


def play(user: str) -> Observation:
    rows = {
        "user_id": [user],
        "played_at": ["2026-01-01T00:00:00+00:00"],
        "track_id": ["T"],
        "artist_name": ["x"],
    }
    return "upload", "listens", "/", {"listens": rows}


class Days:
    """A home that grows day by day."""

    def __init__(self, root: Path) -> None:
        self.lake = Lake(root, reader=read)
        self._days: list[list[Observation]] = []

    def land(self, *observations: Observation) -> None:
        self._days.append(list(observations))
        for page in list(pages(self._days))[-1]:
            self.lake.landing.append(page)
        self.lake.land()

    def run(
        self, models: list[Model] | None = None, *, full: bool = False, keyed_only: bool = False
    ) -> dict[str, str]:
        memory = DeltaMemory(self.lake.home, self.lake.write_mart)
        with self.lake.connect() as connection:
            engine = DuckdbEngine(connection, self.lake.write_mart, memory)
            report = run_marts(engine, models, full=full, keyed_only=keyed_only)
        return {model.name: model.action for model in report.models}

    def rows(self, query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.lake.sql(query).read_all().to_pylist()
        return found


@pytest.fixture
def days(tmp_path: Path) -> Days:
    made = Days(tmp_path / "home")
    made.land(artist("A", "Alpha"), artist("B", "Beta"))
    assert set(made.run().values()) == {"all"}
    return made


def test_nothing_is_done_when_nothing_changed(days: Days) -> None:
    versions = {path: DeltaTable(path).version() for path in (days.lake.home.root / "marts").iterdir()}
    assert set(days.run().values()) == {"nothing"}
    del versions[days.lake.home.root / "marts" / "mart_runs"]
    assert {path: DeltaTable(path).version() for path in versions} == versions


def test_only_artists_near_to_a_change_are_computed(days: Days) -> None:
    # Was Beta computed anew, its name would be mended.
    profile = days.lake.sql("from artist_profile").read_all().to_pylist()
    told = [row | {"name": "as it was"} if row["artist_id"] == "B" else row for row in profile]
    table = DeltaTable((days.lake.home.marts / "artist_profile").uri)
    _replace_quietly(days, "artist_profile", told, table)
    days.land(artist("A", "Alpha", popularity=7))
    did = days.run()
    assert (did["artist_profile"], did["identity"], did["countries"]) == ("part", "part", "all")
    assert (did["listening_months"], did["labels"]) == ("nothing", "all")
    assert days.rows("select artist_id, name, popularity from artist_profile order by 1") == [
        {"artist_id": "A", "name": "Alpha", "popularity": 7},
        {"artist_id": "B", "name": "as it was", "popularity": 1},
    ]
    assert days.run(full=True)["artist_profile"] == "all"
    assert days.rows("select name from artist_profile where artist_id = 'B'") == [{"name": "Beta"}]


def test_marts_that_do_not_read_what_changed_of_an_artist_are_left_alone(days: Days) -> None:
    days.land(artist("A", "Alpha", popularity=7))
    did = days.run()
    # The calendar reads names of the profile, which is another: in its popularity.
    assert {name for name, action in did.items() if action == "part"} == {
        "identity", "artist_profile", "artist_trends", "artist_facts", "artist_coverage", "data_quality"
    }  # fmt: skip
    days.land(artist("A", "Alpine", popularity=7))
    days.run()
    assert days.rows("select name from artist_profile order by 1") == [{"name": "Alpine"}, {"name": "Beta"}]


def _replace_quietly(days: Days, mart: str, rows: list[dict[str, Any]], table: DeltaTable) -> None:
    """Change a kept mart and let the memory believe that it was a run."""
    import pyarrow as pa

    days.lake.write_mart(mart, pa.Table.from_pylist(rows, schema=pa.schema(table.schema().to_arrow())))
    memory = DeltaMemory(days.lake.home, days.lake.write_mart)
    built = [
        msgspec.structs.replace(one, version=memory.version(mart)) if one.mart == mart else one
        for one in memory.built().values()
    ]
    memory.record(built)


def test_a_mart_that_somebody_else_changed_is_made_anew(days: Days) -> None:
    days.lake.write_mart("countries", days.lake.sql("from countries").read_all())
    assert {name for name, did in days.run().items() if did == "all"} == {"countries"}


def test_a_play_alone_touches_listening_alone(days: Days) -> None:
    days.land(play("u"))
    assert {name for name, did in days.run().items() if did != "nothing"} == {
        "listening_artists", "listening_months"
    }  # fmt: skip


def test_on_demand_only_what_is_about_an_artist_is_made(days: Days) -> None:
    days.land(artist("A", "Alpha", popularity=9))
    did = days.run(keyed_only=True)
    assert "countries" not in did
    assert did["artist_profile"] == "part"
    after = days.run()
    assert (after["countries"], after["artist_profile"]) == ("all", "nothing")


def test_a_run_of_a_few_marts_leaves_what_is_known_of_the_others(days: Days) -> None:
    days.run(needed(standard_models(), ["countries"]))
    assert set(days.run().values()) == {"nothing"}


def test_of_a_history_too_all_columns_that_are_named_are_read(days: Days) -> None:
    models = needed(standard_models(), ["artist_trends"])
    days.land(artist("A", "Alpha", popularity=7))
    assert days.run(models)["artist_trends"] == "part"
    assert days.rows("select popularity from artist_trends order by 1") == [
        {"popularity": 1},
        {"popularity": 7},
    ]


def test_a_changed_model_and_those_that_read_it_are_made_anew(days: Days) -> None:
    models = [
        msgspec.structs.replace(model, sql=model.sql + " -- other") if model.name == "countries" else model
        for model in standard_models()
    ]
    assert {name for name, did in days.run(models).items() if did != "nothing"} == {"countries"}


def test_a_broken_promise_names_model_check_and_rows_and_keeps_what_was(days: Days) -> None:
    tight = (Range("popularity", 0, 5),)
    models = [
        msgspec.structs.replace(model, ranges=tight) if model.name == "artist_profile" else model
        for model in standard_models()
    ]
    days.land(artist("A", "Alpha", popularity=7))
    message = f"artist_profile: 1 rows with popularity outside 0[.][.]5, for example entity_id={entity('A')}$"
    for _ in range(2):
        with pytest.raises(Fatal, match=message):
            days.run(models)
    assert days.rows("select popularity from artist_profile") == [{"popularity": 1}] * 2
    assert days.run()["artist_profile"] == "part"


class Ended(DuckdbEngine):
    """Ends once the first mart is kept, as a process does that is killed."""

    def keep_part(self, *told: Any) -> None:
        super().keep_part(*told)
        raise InterruptedError


def test_a_run_that_was_ended_between_two_marts_is_made_up_for(days: Days) -> None:
    models = needed(standard_models(), ["artist_profile"])
    days.land(("musicbrainz", "artist", "/artists/M/x", {"artists": {"artist_id": ["M"], "name": ["Em"]}}))
    days.run(models)
    link = {"artist_id": ["M"], "url": ["u"], "site": ["spotify"], "target_id": ["A"]}
    days.land(("musicbrainz", "link", "/artists/M/x", {"artist_urls": link}))
    memory = DeltaMemory(days.lake.home, days.lake.write_mart)
    with days.lake.connect() as connection, pytest.raises(InterruptedError):
        run_marts(Ended(connection, days.lake.write_mart, memory), models)
    query = "select entity_id, source, name from artist_profile order by all"
    before = days.rows(query)
    days.run(models)
    made_up = days.rows(query)
    days.run(models, full=True)
    assert before != made_up == days.rows(query)


def test_a_compaction_between_two_runs_is_no_change(days: Days) -> None:
    days.land(artist("A", "Alpha", popularity=8))
    DeltaTable((days.lake.home.tables / "artists").uri).optimize.compact()
    days.land(artist("B", "Beta", popularity=6))
    assert days.run()["artist_profile"] == "part"
    assert days.rows("select popularity from artist_profile order by artist_id") == [
        {"popularity": 8}, {"popularity": 6}
    ]  # fmt: skip


class Vacuumed(DeltaMemory):
    """Loses the files that are no longer of a table once it has told of them."""

    lost = 0

    def added(self, table: str, since: int) -> str | None:
        told = super().added(table, since)
        if not self.lost:
            there = DeltaTable((self._root / table).uri)
            self.lost = len(there.vacuum(0, dry_run=False, enforce_retention_duration=False))
        return told


def test_what_was_compacted_and_removed_before_it_is_read_is_made_anew(days: Days) -> None:
    models = needed(standard_models(), ["artist_trends"])
    days.land(artist("A", "Alpha", popularity=8))
    DeltaTable((days.lake.home.tables / "artists").uri).optimize.compact()
    memory = Vacuumed(days.lake.home, days.lake.write_mart)
    with days.lake.connect() as connection:
        report = run_marts(DuckdbEngine(connection, days.lake.write_mart, memory), models)
    assert memory.lost == 2
    assert {model.action for model in report.models} == {"all"}
    assert days.rows("select popularity from artist_trends order by popularity") == [
        {"popularity": 1}, {"popularity": 8}
    ]  # fmt: skip


def test_a_keyed_model_that_reads_what_tells_of_nobody_is_refused(make_lake: Callable[..., Any]) -> None:
    text = """-- meaning: x
-- grain: entity_id
-- owner: me
-- keyed: entity_id
select user_id as entity_id from listens"""
    with pytest.raises(ConfigError, match="plays cannot follow changes as it says: it reads listens"):
        run_marts(make_lake({}).engine, [read_model("plays", text)])
