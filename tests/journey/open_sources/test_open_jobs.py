"""Plans, refreshes, listens and ledgers of open sources, over the sandbox's servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tunelake.collect.jobs.discover import NOBODY, Bounds
from tunelake.collect.jobs.open_job import (
    collect_open_artists,
    refresh_open_artists,
)
from tunelake.collect.jobs.rebuild import rebuild_ledger
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.collect.planning.open_plan import open_plan
from tunelake.collect.planning.open_survey import OpenSurveyor
from tunelake.collect.planning.remembered import Remembered
from tunelake.domain.states import State
from tunelake.errors import ConfigError
from tunelake.lake.erasure.delta_erasure import erase_user
from tunelake.lake.lake import Lake
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.open_sources.aiohttp_open import OpenConfig, OpenReady, running_open
from tunelake.sandbox.open_sources.listenbrainz import LISTENS
from tunelake.settings import Settings
from tunelake.sources.readers import reader_of
from tunelake.work.open_listens import collect_open_listens

NAMES = ["BTS", "Radiohead"]
AT_ONCE = timedelta(0)


@pytest.fixture(scope="module")
def ready() -> Iterator[OpenReady]:
    world = open_catalogue(artists=200, seed=7, directory=None)
    with running_open(OpenConfig(rate=100, burst=9, window_calls=500, window_s=1), world) as ready:
        yield ready


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home", reader=lambda page: reader_of(page.source)(page))


@pytest.fixture
def told(lake: Lake, ready: OpenReady) -> Settings:
    return Settings(
        home=lake.home.root, musicbrainz_url=ready.musicbrainz_url, listenbrainz_url=ready.listenbrainz_url
    )


def planned(
    lake: Lake, told: Settings, source: str, parts: tuple[str, ...], bounds: Bounds = NOBODY
) -> dict[str, tuple[int, bool]]:
    at = datetime.now(UTC)
    servers = (told.musicbrainz_url, told.listenbrainz_url)
    ledgers = [SqlLedger(lake.home.control, server) for server in servers]
    surveyor = OpenSurveyor(
        *(
            Remembered(ledger, server, at, timedelta(days=1))
            for ledger, server in zip(ledgers, servers, strict=True)
        )
    )
    steps = open_plan(surveyor.artists(source, NAMES, [], parts, bounds), source, at).steps
    for ledger in ledgers:
        ledger.close()
    return {step.endpoint: (step.calls, step.exact) for step in steps}


@pytest.mark.slow
def test_what_is_planned_is_what_it_costs_and_a_refresh_costs_a_call_each(lake: Lake, told: Settings) -> None:
    control, parts = lake.home.control, ("relations", "albums", "releases")
    lake.home.control.parent.mkdir(parents=True, exist_ok=True)
    before = planned(lake, told, "musicbrainz", parts)
    assert before == {
        "mb_search": (2, True), "mb_artist": (2, False), "mb_release_groups": (2, False),
        "mb_releases": (2, False),
    }  # fmt: skip
    first = collect_open_artists(
        told, lake.landing, source="musicbrainz", ledger_path=control, names=NAMES, with_=parts
    )
    assert first.calls_by_endpoint == {
        "mb_search": 2, "mb_artist": 2, "mb_release_groups": 2, "mb_releases": 2,
    }  # fmt: skip
    assert planned(lake, told, "musicbrainz", parts) == {}
    assert planned(lake, told, "listenbrainz", ("related",)) == {
        "lb_artist_counts": (1, True), "lb_similar": (2, True),
    }  # fmt: skip
    listened = collect_open_artists(
        told, lake.landing, source="listenbrainz", ledger_path=control, names=NAMES, with_=["related"]
    )
    assert listened.calls_by_endpoint == {"lb_artist_counts": 1, "lb_similar": 2}
    assert planned(lake, told, "listenbrainz", ("related",)) == {}
    for source, calls in (("musicbrainz", 2), ("listenbrainz", 1)):
        waiting = refresh_open_artists(told, lake.landing, source=source, ledger_path=control)
        again = refresh_open_artists(told, lake.landing, source=source, ledger_path=control, age=AT_ONCE)
        assert (waiting.calls, again.calls, again.by_state) == (0, calls, {"unchanged": 2})
    _the_ledgers_are_made_anew(lake, told)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "steps", "most"), [("musicbrainz", 2, 9), ("listenbrainz", 2, 9)])
def test_neighbours_are_discovered_within_bounds_and_once_known_cost_nothing(
    lake: Lake, told: Settings, source: str, steps: int, most: int
) -> None:
    control, bounds = lake.home.control, Bounds(steps, most, "related")
    control.parent.mkdir(parents=True, exist_ok=True)
    before = planned(lake, told, source, (), bounds)
    report = collect_open_artists(
        told, lake.landing, source=source, ledger_path=control, names=NAMES, bounds=bounds
    )
    assert report.exit_code == 0, report.gaps
    assert planned(lake, told, source, (), bounds) == {}
    assert report.calls <= sum(calls for calls, _ in before.values())
    ledger = SqlLedger(control, told.musicbrainz_url if source == "musicbrainz" else told.listenbrainz_url)
    found = [want for want in ledger.wants("artist") if want.method == "discovered by related"]
    checked = {one.id for one in ledger.entities("artist") if one.state is State.FETCHED}
    ledger.close()
    assert len(NAMES) < len(checked) <= most
    assert {want.artist_id for want in found} < checked
    assert all(want.name and "related to" in want.reason for want in found)
    if source == "listenbrainz":
        assert len(checked) == most
        # All of them are counted by one call; nobody asks who is near to those of the last step.
        assert report.calls_by_endpoint["lb_artist_counts"] == 1
        assert report.calls_by_endpoint["lb_similar"] < most
    with pytest.raises(ConfigError, match="related:1"):
        collect_open_artists(
            told, lake.landing, source=source, names=NAMES, bounds=Bounds(1, 9, "collaborators")
        )


def _the_ledgers_are_made_anew(lake: Lake, told: Settings) -> None:
    known = {server: _known(lake, server) for server in (told.musicbrainz_url, told.listenbrainz_url)}
    assert {kind for _, kind, *_ in known[told.musicbrainz_url]} == {"want", "artist", "albums", "releases"}
    rebuild_ledger(told, lake.landing, lake.home.control)
    for server, before in known.items():
        after = _known(lake, server)
        # Who was asked for is told by searches, and ListenBrainz has none.
        assert after == {one for one in before if server == told.musicbrainz_url or one[1] != "want"}


def _known(lake: Lake, server: str) -> set[tuple[str, str, State]]:
    ledger = SqlLedger(lake.home.control, server)
    things = {
        (one.id, kind, one.state)
        for kind in ("artist", "albums", "releases")
        for one in ledger.entities(kind)
    }
    wants = {(want.asked, "want", want.state) for want in ledger.wants("artist")}
    ledger.close()
    return things | wants


@pytest.mark.slow
def test_listens_are_collected_once_and_leave_with_their_user(lake: Lake, told: Settings) -> None:
    first = collect_open_listens(lake, told, "some one é")
    assert first.exit_code == 0
    assert lake.land().rejected == 0
    query = "select count(*) as n, count(distinct played_at) as times, min(rights) as rights from listens"
    assert lake.sql(query).read_all().to_pylist() == [{"n": LISTENS, "times": LISTENS, "rights": "cc0"}]
    again = collect_open_listens(lake, told, "some one é")
    assert again.calls < first.calls
    lake.land()
    assert lake.sql(query).read_all().to_pylist()[0]["n"] == LISTENS
    assert erase_user(lake.home, "listenbrainz", "some one é").pages == first.calls + again.calls
    assert lake.sql(query).read_all().to_pylist()[0]["n"] == 0
