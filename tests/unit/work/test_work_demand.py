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
from tunelake.work.ahead import Ahead
from tunelake.work.demand import Collect, DemandCollector
from tunelake.work.settle import Settling
from tunelake.work.stores import Stores

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


def collector(lake: Lake, stores: Stores, collect: Collect) -> tuple[DemandCollector, Settling]:
    settling = Settling(lake, stores, stated=(), market="US")
    return DemandCollector(collect, Ahead(lake, pages.read, stated=(), market="US"), settling), settling


def outcome(lake: Lake, stores: Stores, report: RunReport) -> Outcome:
    return collector(lake, stores, lambda _: report)[0].collect("x")


@pytest.mark.parametrize("state", [State.FETCHED, State.UNCHANGED])
def test_an_artist_that_came_is_served_at_once(lake: Lake, stores: Stores, state: State) -> None:
    demand, settling = collector(lake, stores, lambda _: collected(state, "A"))
    found = demand.collect("x")
    assert (found.kind, stores.documents.count()) == ("found", 0), "nothing had to be published for it"
    card = found.ahead[0]
    assert (card.entity_id, card.name) == (found.entity_id, "Adele")
    assert [near.name for near in card.neighbours] == ["Dido"]
    settling.settle()
    assert found.entity_id is not None
    assert stores.documents.get(found.entity_id) == card
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
    together = Barrier(2)

    def collect(name: str) -> RunReport:
        row = {"artist_id": name[0], "name": name}
        lake.landing.append(pages.make(ord(name[0]), {"artists": [row]}, source="sandbox"))
        together.wait(timeout=60)
        return collected(State.FETCHED, name[0])

    demand, settling = collector(lake, stores, collect)
    with ThreadPoolExecutor(2) as people:
        told = list(people.map(demand.collect, ["Enya", "Feist"]))
    assert [one.ahead[0].name for one in told] == ["Enya", "Feist"]
    settling.settle()
    documents = [stores.documents.get(one.entity_id or "") for one in told]
    assert [document.name for document in documents if document] == ["Enya", "Feist"]
