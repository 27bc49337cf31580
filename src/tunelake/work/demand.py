"""One artist, now: collect, land, derive, publish, so that the asker is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from tunelake.collect.ports import Want
from tunelake.collect.report import RunReport
from tunelake.domain.states import State
from tunelake.errors import Fatal
from tunelake.lake.lake import Lake
from tunelake.lake.locks.exclusive import exclusive
from tunelake.mart.model import Model
from tunelake.mart.ports import Engine
from tunelake.mart.run import prepare, run_marts
from tunelake.publish.run import publish_artists
from tunelake.service.ports import Candidate, Outcome
from tunelake.similar.run import renew_similar, to_arrow
from tunelake.work.build import Stores, engine, models_of

Collect = Callable[[str], RunReport]
"""Collects what a card needs of the artist of a name; lands it, and says what became of it."""

_LATER = (
    "duckdb",
    "tunelake.lake.lander",
    "tunelake.lake.history.delta_coverage",
    "tunelake.similar.compare",
)
"""Modules that nothing before the publishing needs."""


class DemandCollector:
    """A `service.ports.Collector`: from an unknown name to a published card, without a batch."""

    def __init__(
        self, collect: Collect, lake: Lake, stores: Stores, *, stated: tuple[str, ...], market: str
    ) -> None:
        self._collect = collect
        self._lake = lake
        self._stores = stores
        self._stated = stated
        self._market = market

    def collect(self, name: str) -> Outcome:
        """Collect by name; see `service.ports.Collector`."""
        # The source takes a second for a card's calls, and a new process as long to be ready for them.
        with ThreadPoolExecutor(1) as beside:
            models = beside.submit(self._prepare)
            report = self._collect(name)
        if not report.wants:  # nobody was asked for: what was erased here may not come back
            return Outcome(kind="not_found")
        want = report.wants[0]
        if want.state in {State.FETCHED, State.UNCHANGED} and want.artist_id:
            return self._publish(want.artist_id, models.result())
        if report.parked_until:
            return Outcome(kind="parked", message=want.reason or None, until=report.parked_until)
        return _not_found(want)

    def _prepare(self) -> list[Model]:
        """Load and parse what publishing needs."""
        for name in _LATER:
            import_module(name)
        to_arrow([])  # Arrow has much to load for its first row
        models = models_of(self._lake)
        prepare(models)
        return models

    def _publish(self, artist_id: str, models: Sequence[Model]) -> Outcome:
        self._lake.land()
        # Of two artists asked for at once, here or in another process, one waits for the other.
        with exclusive(self._lake.home, "demand"), engine(self._lake) as sql:
            run_marts(sql, models, keyed_only=True, stated=self._stated)
            entity_id = _entity_of(sql, artist_id)
            renewed = renew_similar(sql, [entity_id], self._stated)
            publish_artists(
                sql,
                renewed.changed,
                self._stores.catalogue,
                self._stores.documents,
                self._market,
                names=self._stores.names,
            )
        return Outcome(kind="found", entity_id=entity_id)


def _entity_of(sql: Engine, artist_id: str) -> str:
    found = sql.select(f"""
        select entity_id from identity
        where kind = 'artist' and id = '{artist_id}' and source in ('spotify', 'sandbox')
    """)  # noqa: S608  (an id of the source: 22 letters and digits)
    if not found.num_rows:
        raise Fatal(f"artist {artist_id} was collected but is in no table; see `tunelake ledger`")
    entity_id: str = found.column(0)[0].as_py()
    return entity_id


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
