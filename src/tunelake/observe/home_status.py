"""Looks at all of a home at once: cheap, and safe beside whatever runs there; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from tunelake.errors import TunelakeError
from tunelake.lake.home import Home
from tunelake.observe.budgets import BudgetState
from tunelake.observe.delta_lake import lake_state
from tunelake.observe.jobs import Job
from tunelake.observe.sqlite_logbook import Logbook
from tunelake.observe.sqlite_stores import store_states
from tunelake.observe.status import Estimate, LedgerState, Status, estimate

LAST_JOBS = 10
Thing = TypeVar("Thing")


def home_status(
    home: Home,
    ledgers: Callable[[], list[LedgerState]],
    budgets: Callable[[], list[BudgetState]],
    *,
    version: str,
    now: datetime,
    control: str = "",
) -> Status:
    """Look at a home.

    Args:
        home: Which.
        ledgers: Counts what its sources were asked for.
        budgets: Tells what is known of their limits.
        version: Of Tunelake.
        now: The time.
        control: Where ledger and budgets are, when they are not in the home.
    """
    troubles: list[str] = []
    jobs = _or_none(Logbook(home.control, home.locks).jobs, troubles)
    known = _or_none(ledgers, troubles)
    limits = _or_none(budgets, troubles)
    running = [job for job in jobs if job.outcome == "running"]
    lake = lake_state(home)
    lake.troubles.extend(dict.fromkeys(troubles))
    return Status(
        at=now,
        version=version,
        home=str(home.root),
        running=running,
        last=[job for job in jobs if job.outcome != "running"][:LAST_JOBS],
        ledgers=known,
        budgets=limits,
        estimates=_estimates(known, limits, running, now),
        lake=lake,
        stores=store_states(home),
        control=control,
    )


def _or_none(look: Callable[[], list[Thing]], troubles: list[str]) -> list[Thing]:
    """A home with a damaged part still has a state, and that is a part of it."""
    try:
        return look()
    except TunelakeError as error:
        troubles.append(str(error))
        return []


def _estimates(
    known: Sequence[LedgerState], budgets: Sequence[BudgetState], running: Sequence[Job], now: datetime
) -> list[Estimate]:
    by_source = {budget.source: budget for budget in budgets}
    rate = sum(job.rate for job in running if job.name.startswith("collect"))
    found = (estimate(ledger, by_source.get(ledger.source), rate, now) for ledger in known)
    return [one for one in found if one]
