"""The state of a home as text for Prometheus; what a label can say is bounded, and none tells of a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from tunelake.errors import ConfigError, how_to_install
from tunelake.observe import counts as named
from tunelake.observe.counts import COUNTS, ENDLESS, TOTAL, Key, Labels, of_name
from tunelake.observe.status import Status

try:
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
        Metric,
    )
    from prometheus_client.exposition import generate_latest
    from prometheus_client.registry import Collector, CollectorRegistry
except ModuleNotFoundError as error:
    raise ConfigError(f"for metrics install the extra: {how_to_install('observe')}") from error

_PREFIX = "tunelake_"


def metrics_text(status: Status, counts: Mapping[Key, float]) -> bytes:
    """Write the state and the counts of a home in Prometheus's text format, version 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Home([*_counted(counts), *_on_demand(counts), *_state(status)]))
    said = "".join(f"# trouble: {' '.join(trouble.split())}\n" for trouble in status.lake.troubles)
    return said.encode() + generate_latest(registry)


class _Home(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _counted(counts: Mapping[Key, float]) -> Iterator[Metric]:
    for name, count in COUNTS.items():
        if name != named.ON_DEMAND:
            family = CounterMetricFamily(_PREFIX + name, count.meaning, labels=count.labels)
            for labels, value in of_name(counts, name):
                family.add_metric(labels, value)
            yield family


def _on_demand(counts: Mapping[Key, float]) -> Iterator[Metric]:
    count = COUNTS[named.ON_DEMAND]
    family = HistogramMetricFamily(_PREFIX + named.ON_DEMAND, count.meaning, labels=["outcome"])
    found: dict[str, dict[str, float]] = {}
    for (outcome, bound), value in of_name(counts, named.ON_DEMAND):
        found.setdefault(outcome, {})[bound] = value
    for outcome, values in found.items():
        bounds = [f"{bound:g}" for bound in named.BOUNDS]
        buckets = [(bound, values.get(bound, 0.0)) for bound in [*bounds, ENDLESS]]
        family.add_metric([outcome], buckets, values.get(TOTAL, 0.0))
    yield family


def _state(status: Status) -> Iterator[Metric]:
    yield from _jobs(status)
    yield from _ledgers(status)
    yield from _budgets(status)
    yield from _lake(status)


def _jobs(status: Status) -> Iterator[Metric]:
    running: dict[tuple[str, ...], float] = {}
    for job in status.running:
        running[job.name,] = running.get((job.name,), 0.0) + 1
    yield _gauge("jobs_running", "Jobs that run now.", ("command",), running)


def _ledgers(status: Status) -> Iterator[Metric]:
    labels = ("source", "kind", "state")
    for name, meaning, of in (
        ("ledger_wants", "What people asked for (names, ids), by state.", "wants"),
        ("ledger_things", "Things that are known of, by state.", "things"),
    ):
        values = {
            (ledger.source, kind, state): float(count)
            for ledger in status.ledgers
            for kind, states in getattr(ledger, of).items()
            for state, count in states.items()
        }
        yield _gauge(name, meaning, labels, values)
    owed = {
        (ledger.source, kind): float(count)
        for ledger in status.ledgers
        for kind, count in ledger.owed.items()
    }
    yield _gauge("ledger_owed", "Things that are still owed.", ("source", "kind"), owed)


def _budgets(status: Status) -> Iterator[Metric]:
    labels = ("source", "account")
    for name, meaning, of in (
        ("allowed_requests_per_second", "What the limits allow, as far as they are known.", "rate"),
        ("granted_requests_per_second", "Requests that were granted in the last minute.", "lately"),
        ("attained_share", "Of what the limits allow, what was used in the last minute.", "share"),
        ("requests_in_flight", "Sent and not answered.", "in_flight"),
    ):
        known = {(one.source, one.account): getattr(one, of) for one in status.budgets}
        yield _gauge(name, meaning, labels, {at: value for at, value in known.items() if value is not None})
    for name, meaning, of in (
        ("quota_calls", "Calls of the quota in a period; without endpoint: of all together.", "calls"),
        ("quota_left", "Calls of the quota that are left.", "left"),
    ):
        quotas = {
            (one.source, one.account, quota.endpoint): float(getattr(quota, of))
            for one in status.budgets
            for quota in one.quotas
        }
        yield _gauge(name, meaning, (*labels, "endpoint"), quotas)
    waiting = {(one.source, one.account, lane): 1.0 for one in status.budgets for lane in one.waiting}
    yield _gauge("lane_waiting", "Somebody waits in this lane.", (*labels, "lane"), waiting)
    parked: dict[tuple[str, ...], float] = {}
    for one in status.budgets:
        parked[one.source,] = max(parked.get((one.source,), 0.0), _left(one.parked_until, status.at))
    yield _gauge("parked_seconds", "For how long nothing may be sent; 0 when it may.", ("source",), parked)


def _lake(status: Status) -> Iterator[Metric]:
    lake = status.lake
    yield _gauge(
        "troubles",
        "Parts of the home that cannot be read; comments here, and `tunelake status`, name them.",
        (),
        {(): len(lake.troubles)},
    )
    yield _gauge(
        "landing_lag_seconds",
        "Age of the oldest page that waits to be landed.",
        (),
        {(): lake.lag_s(status.at)},
    )
    yield _gauge("landing_waiting_bytes", "Of the landing log, not landed.", (), {(): lake.waiting_bytes})
    yield _gauge(
        "landed_timestamp_seconds",
        "When pages were landed last.",
        (),
        {(): lake.landed_at.timestamp()} if lake.landed_at else {},
    )
    yield _gauge(
        "home_bytes", "On the disk.", ("part",), {(part,): size for part, size in lake.bytes.items()}
    )
    for name, meaning, of in (
        ("table_rows", "Rows in the log of a table, earlier observations too.", "rows"),
        ("table_bytes", "Size of a table's files.", "bytes"),
        ("table_files", "Files of a table.", "files"),
    ):
        values = {(table.name,): float(getattr(table, of)) for table in lake.tables}
        yield _gauge(name, meaning, ("table",), values)
    written = {(store.name,): store.written_at.timestamp() for store in status.stores}
    yield _gauge("store_written_timestamp_seconds", "When a store was written last.", ("store",), written)


_At = TypeVar("_At", bound=tuple[str, ...])


def _gauge(name: str, meaning: str, labels: Labels, values: Mapping[_At, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(_PREFIX + name, meaning, labels=labels)
    for at, value in values.items():
        family.add_metric(at, value)
    return family


def _left(until: datetime | None, now: datetime) -> float:
    return max(0.0, (until - now).total_seconds()) if until else 0.0
