"""What the operator of a home sees: its state, its metrics, its jobs while they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from tunelake.collect.control import client_of, place_of, servers_of
from tunelake.errors import ConfigError, TunelakeError
from tunelake.lake.home import Home
from tunelake.settings import Settings

if TYPE_CHECKING:
    from tunelake.observe.budgets import BudgetState
    from tunelake.observe.status import LedgerState, Status
    from tunelake.observe.watch import JobWatch
    from tunelake.service.ports import Collector, Outcome


Progress = Callable[[str, int, int | None], None]


@contextmanager
def watching_job(
    home: Home, name: str, progress: Progress, settings: Settings | None = None
) -> Iterator[JobWatch]:
    """Watch a job of a home while the block runs; with settings, tell how it uses its budget, too."""
    from tunelake.observe.sqlite_logbook import Logbook
    from tunelake.observe.watch import watching

    def budget() -> BudgetState | None:
        try:
            found = budgets_of(home, settings) if settings else []
        except TunelakeError:
            return None  # whoever needs it says what is wrong
        return next((one for one in found if one.source == "spotify"), None)

    with watching(name, Logbook(home.control, home.locks), progress, budget) as watch:
        yield watch


class TimedCollector:
    """A `service.ports.Collector` that counts how long each answer took."""

    def __init__(self, collector: Collector, home: Home) -> None:
        self._collector = collector
        self._home = home

    def collect(self, name: str) -> Outcome:
        """Collect by name; see `service.ports.Collector`."""
        kind, start = "failed", perf_counter()
        try:
            outcome = self._collector.collect(name)
            kind = outcome.kind
            return outcome
        finally:
            self._count(kind, perf_counter() - start)

    def _count(self, kind: str, seconds: float) -> None:
        from tunelake.observe.counts import ON_DEMAND, Counts
        from tunelake.observe.sqlite_logbook import Logbook

        counts = Counts()
        counts.observe(ON_DEMAND, kind, seconds=seconds)
        # Nobody goes without an answer because it cannot be counted.
        with suppress(ConfigError):
            Logbook(self._home.control, self._home.locks).add(counts.take())


def budgets_of(home: Home, settings: Settings) -> list[BudgetState]:
    """Read what was learned of the limits of the sources that are configured.

    Raises:
        ConfigError: A shared control database does not let us in.
        Retryable: It cannot be reached.
    """
    from tunelake.collect.budget.budgets import folder_of, key_of

    keys = {
        key_of(server, client_of(source, settings)): source for source, server in servers_of(settings).items()
    }
    if settings.control_url:
        from tunelake.observe import postgres_control

        return postgres_control.budgets(settings.control_url.reveal(), keys)
    from tunelake.observe.budget_files import budgets

    return budgets(folder_of(home.control), keys)


def ledgers_of(home: Home, settings: Settings) -> list[LedgerState]:
    """Count what the sources that are configured were asked for."""
    if settings.control_url:
        from tunelake.observe import postgres_control

        return postgres_control.ledgers(settings.control_url.reveal(), servers_of(settings))
    from tunelake.observe.sqlite_ledgers import ledgers

    return ledgers(home.control, servers_of(settings))


def status_of(home: Home, settings: Settings) -> Status:
    """Look at all of a home; nothing is written and nobody is asked."""
    import tunelake
    from tunelake.observe.home_status import home_status

    return home_status(
        home,
        lambda: ledgers_of(home, settings),
        lambda: budgets_of(home, settings),
        version=tunelake.__version__,
        now=datetime.now(UTC),
        control=place_of(settings.control_url.reveal()) if settings.control_url else "",
    )


def metrics_of(home: Home, settings: Settings) -> bytes:
    """Write the state and the counts of a home for Prometheus.

    Raises:
        ConfigError: The extra for it is not installed.
    """
    from tunelake.observe.prometheus_text import metrics_text
    from tunelake.observe.sqlite_logbook import Logbook

    try:
        counts = Logbook(home.control, home.locks).counts()
    except ConfigError:
        counts = {}  # the state names it among its troubles
    return metrics_text(status_of(home, settings), counts)
