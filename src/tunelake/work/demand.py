"""One artist, now: collect, land, derive, publish, so that the asker is answered."""

from __future__ import annotations

from collections.abc import Callable

from tunelake.collect.ports import Want
from tunelake.collect.report import RunReport
from tunelake.domain.states import State
from tunelake.errors import Fatal
from tunelake.lake.lake import Lake
from tunelake.mart.ports import Engine
from tunelake.mart.run import run_marts
from tunelake.publish.run import publish_artists
from tunelake.service.ports import Candidate, Outcome
from tunelake.similar.run import renew_similar
from tunelake.work.build import Stores, engine, models_of

Collect = Callable[[str], RunReport]
"""Collects what a card needs of the artist of a name; lands it, and says what became of it."""


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
        report = self._collect(name)
        want = report.wants[0]
        if want.state in {State.FETCHED, State.UNCHANGED} and want.artist_id:
            return self._publish(want.artist_id)
        if report.parked_until:
            return Outcome(kind="parked", message=want.reason or None, until=report.parked_until)
        return _not_found(want)

    def _publish(self, artist_id: str) -> Outcome:
        self._lake.land()
        with engine(self._lake) as sql:
            run_marts(sql, models_of(self._lake), keyed_only=True, stated=self._stated)
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
