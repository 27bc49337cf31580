"""Looks at all of a home at once: cheap, and safe beside whatever runs there; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tunelake.errors import ConfigError
from tunelake.lake.home import Home
from tunelake.observe.budgets import BudgetState
from tunelake.observe.delta_lake import lake_state
from tunelake.observe.jobs import Job
from tunelake.observe.sqlite_ledgers import ledgers
from tunelake.observe.sqlite_logbook import Logbook
from tunelake.observe.sqlite_stores import store_states
from tunelake.observe.status import Estimate, LedgerState, Status, estimate

LAST_JOBS = 10


def home_status(
    home: Home, sources: Mapping[str, str], budgets: Sequence[BudgetState], *, version: str, now: datetime
) -> Status:
    """Look at a home.

    Args:
        home: Which.
        sources: The sources that are configured, with the bases of their APIs.
        budgets: What is known of their limits.
        version: Of Tunelake.
        now: The time.
    """
    troubles: list[str] = []
    jobs: list[Job] = []
    known: list[LedgerState] = []
    try:
        jobs = Logbook(home.control, home.locks).jobs()
        known = ledgers(home.control, sources) if home.control.exists() else []
    except ConfigError as error:
        # A home with a damaged part still has a state, and that is a part of it.
        troubles.append(str(error))
    running = [job for job in jobs if job.outcome == "running"]
    lake = lake_state(home)
    lake.troubles.extend(troubles)
    return Status(
        at=now,
        version=version,
        home=str(home.root),
        running=running,
        last=[job for job in jobs if job.outcome != "running"][:LAST_JOBS],
        ledgers=known,
        budgets=list(budgets),
        estimates=_estimates(known, budgets, running, now),
        lake=lake,
        stores=store_states(home),
    )


def _estimates(
    known: Sequence[LedgerState], budgets: Sequence[BudgetState], running: Sequence[Job], now: datetime
) -> list[Estimate]:
    by_source = {budget.source: budget for budget in budgets}
    rate = sum(job.rate for job in running if job.name.startswith("collect"))
    found = (estimate(ledger, by_source.get(ledger.source), rate, now) for ledger in known)
    return [one for one in found if one]
