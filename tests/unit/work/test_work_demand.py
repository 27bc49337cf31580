from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from msgspec.structs import replace
from tests.unit.lake import pages

from tunelake.collect.ports import Candidate, Want
from tunelake.collect.report import RunReport
from tunelake.domain.states import State
from tunelake.errors import Fatal
from tunelake.lake.lake import Lake
from tunelake.service.ports import Outcome
from tunelake.work.build import Stores
from tunelake.work.demand import DemandCollector

UNTIL = datetime(2026, 1, 2, tzinfo=UTC)


def collected(
    state: State, artist_id: str | None = None, until: datetime | None = None, reason: str = "because"
) -> RunReport:
    near = (Candidate(artist_id="D", name="Dido", score=0.9),)
    want = Want(kind="artist", asked="x", state=state, reason=reason, artist_id=artist_id, candidates=near)
    return RunReport(
        asked=1,
        stored=0,
        by_state={},
        wants=[want],
        calls=1,
        calls_by_endpoint={},
        token_calls=0,
        retries={},
        gaps=[],
        forbidden={},
        notes=[],
        parked_until=until,
        seconds=0.0,
    )


def outcome(lake: Lake, stores: Stores, report: RunReport) -> Outcome:
    return DemandCollector(lambda _: report, lake, stores, stated=(), market="US").collect("x")


@pytest.mark.parametrize("state", [State.FETCHED, State.UNCHANGED])
def test_an_artist_that_came_is_served_at_once(lake: Lake, stores: Stores, state: State) -> None:
    found = outcome(lake, stores, collected(state, "A"))
    assert found.kind == "found"
    assert found.entity_id is not None
    document = stores.documents.get(found.entity_id)
    assert document is not None
    assert document.name == "Adele"
    assert [near.name for near in document.neighbours] == ["Dido"]
    assert stores.catalogue.find("adele") == [found.entity_id]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.AMBIGUOUS, "ambiguous"),
        (State.NOT_FOUND, "not_found"),
        (State.GONE, "not_found"),
        (State.FORBIDDEN, "not_found"),
        (State.QUARANTINED, "failed"),
    ],
)
def test_what_did_not_come_says_why(lake: Lake, stores: Stores, state: State, kind: str) -> None:
    told = outcome(lake, stores, collected(state))
    assert (told.kind, told.message) == (kind, "because")
    assert [near.name for near in told.candidates] == ([] if kind == "failed" else ["Dido"])
    assert stores.documents.count() == 0


@pytest.mark.parametrize("state", [State.DEFERRED, State.WANTED])
def test_what_is_parked_says_until_when(lake: Lake, stores: Stores, state: State) -> None:
    told = outcome(lake, stores, collected(state, until=UNTIL))
    assert (told.kind, told.until) == ("parked", UNTIL)


def test_what_is_owed_without_a_time_failed_and_says_why(lake: Lake, stores: Stores) -> None:
    told = outcome(lake, stores, collected(State.DEFERRED))
    assert (told.kind, told.message) == ("failed", "because")


def test_an_artist_that_was_erased_is_not_found(lake: Lake, stores: Stores) -> None:
    nobody = replace(collected(State.FETCHED), asked=0, wants=[])
    assert outcome(lake, stores, nobody) == Outcome(kind="not_found")


def test_an_artist_that_is_in_no_table_is_a_failure_that_names_it(lake: Lake, stores: Stores) -> None:
    with pytest.raises(Fatal, match="artist Z was collected but is in no table"):
        outcome(lake, stores, collected(State.FETCHED, "Z"))


def test_two_artists_asked_for_at_once_are_both_served(lake: Lake, stores: Stores) -> None:
    outcome(lake, stores, collected(State.FETCHED, "A"))
    together = Barrier(2)

    def collect(name: str) -> RunReport:
        row = {"artist_id": name[0], "name": name}
        lake.landing.append(pages.make(ord(name[0]), {"artists": [row]}, source="sandbox"))
        together.wait(timeout=60)
        return collected(State.FETCHED, name[0])

    collector = DemandCollector(collect, lake, stores, stated=(), market="US")
    with ThreadPoolExecutor(2) as people:
        told = list(people.map(collector.collect, ["Enya", "Feist"]))
    documents = [stores.documents.get(one.entity_id or "") for one in told]
    assert [document.name for document in documents if document] == ["Enya", "Feist"]
