"""One artist, now: collected, and answered from what came before that is in any table."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING

from tunelake.collect.ports import Want
from tunelake.collect.report import RunReport
from tunelake.domain.states import State
from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import load
from tunelake.service.ports import Candidate, Outcome
from tunelake.work.ahead import Ahead
from tunelake.work.settle import Settling

if TYPE_CHECKING:
    from tunelake.mart.duckdb_ahead import Look

_log = logging.getLogger(__name__)

Collect = Callable[[str], RunReport]
"""Collects what a card needs of the artist of a name into the landing log, and says what became of it."""

_LATER = (
    "duckdb",
    "tunelake.lake.tables.duckdb_tables",
    "tunelake.lake.unlanded",
    "tunelake.mart.duckdb_ahead",
    "tunelake.mart.run",
    "tunelake.publish.chosen",
    "tunelake.similar.compare",
    "tunelake.sources.readers",
)
"""Modules that nothing before the answering needs."""


class DemandCollector:
    """A `service.ports.Collector`: from an unknown name to a card, ahead of landing and publishing.

    Args:
        collect: Collects the artist of a name.
        ahead: Makes cards of what was collected.
        settling: Is told of who was answered; it lands and publishes when its owner says so.
        endpoints: How many endpoints tell all of a card.
    """

    def __init__(self, collect: Collect, ahead: Ahead, settling: Settling, *, endpoints: int = 5) -> None:
        self._collect = collect
        self._ahead = ahead
        self._settling = settling
        self._endpoints = endpoints

    def collect(self, name: str) -> Outcome:
        """Collect by name; see `service.ports.Collector`."""
        # The source takes a second for a card's calls, and a new process as long to be ready for them.
        with self._ahead.reading(), ThreadPoolExecutor(1) as beside:
            began = self._ahead.end()
            looking = beside.submit(self._look)
            report = self._collect(name)
            if not report.wants:  # nobody was asked for: what was erased here may not come back
                return Outcome(kind="not_found")
            want = report.wants[0]
            if want.state in {State.FETCHED, State.UNCHANGED} and want.artist_id:
                # A backfill that runs may have left more that waits to land than can be read in a moment.
                whole = len(report.calls_by_endpoint) >= self._endpoints
                look = looking.result().since(began if whole else 0)
                return self._answer(look, want.artist_id, asked_for=report.calls > 0)
        if report.parked_until:
            return Outcome(kind="parked", message=want.reason or None, until=report.parked_until)
        return _not_found(want)

    def _look(self) -> Look:
        """Load what answering needs, and look at the lake."""
        for name in _LATER:
            import_module(name)
        load()
        return self._ahead.look()

    def _answer(self, look: Look, artist_id: str, *, asked_for: bool) -> Outcome:
        self._settling.owe(artist_id)
        try:
            cards = self._ahead.documents(look, artist_id)
        except Fatal as error:
            # An operator's model may read what is known only after a run.
            _log.info("not answered ahead of publishing: %s", error)
            entity_id = self._settling.settle_for(artist_id)
            return Outcome(kind="found", entity_id=entity_id, asked_for=asked_for)
        return Outcome(kind="found", entity_id=cards[0].entity_id, ahead=tuple(cards), asked_for=asked_for)


def _not_found(want: Want) -> Outcome:
    # Who asks again with the id gets that artist.
    candidates = tuple(
        Candidate(name=near.name, note="; ".join(filter(None, (near.about, near.artist_id))))
        for near in want.candidates
    )
    match want.state:
        case State.AMBIGUOUS:
            return Outcome(kind="ambiguous", candidates=candidates, message=want.reason or None)
        case State.DEFERRED | State.WANTED | State.QUARANTINED:
            return Outcome(kind="failed", message=want.reason or None)
        case _:
            return Outcome(kind="not_found", candidates=candidates, message=want.reason or None)
