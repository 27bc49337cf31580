"""The state of a home as its operator sees it; and when what is wanted will be there. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from tunelake.domain.states import State
from tunelake.observe.budgets import BudgetState
from tunelake.observe.jobs import Job


class TableState(msgspec.Struct, frozen=True, kw_only=True):
    """A table's log: every row that said something new, not the current ones alone."""

    name: str
    version: int
    rows: int
    files: int
    bytes: int


class LakeState(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored.

    Attributes:
        place: Where it is, when not in the home; see `troubles` for whether it answers.
        bytes: By part; those of what serves are of this machine.
        copies_bytes: Copies that this machine keeps of the files of a lake that is elsewhere.
        copies_most: The bound of these; None when there is none.
        landed_at: When pages were landed last.
        waiting_bytes: Of the landing log, not landed yet.
        waiting_since: When the first of these pages was fetched.
        troubles: What could not be read, and why.
    """

    place: str = ""
    bytes: dict[str, int] = {}
    copies_bytes: int = 0
    copies_most: int | None = None
    tables: list[TableState] = []
    landed_at: datetime | None = None
    waiting_bytes: int = 0
    waiting_since: datetime | None = None
    troubles: list[str] = []

    def lag_s(self, now: datetime) -> float:
        """For how long the oldest page that has not been landed waits; 0 when none does."""
        return max(0.0, (now - self.waiting_since).total_seconds()) if self.waiting_since else 0.0


class StoreState(msgspec.Struct, frozen=True, kw_only=True):
    """A store that answers questions; `version` is empty where it does not tell one."""

    name: str
    bytes: int
    written_at: datetime
    version: str = ""


OTHER = "other"
"""Stands for all servers that are not configured now, for example a sandbox of yesterday."""


class LedgerState(msgspec.Struct, frozen=True, kw_only=True):
    """What one source was asked for.

    Attributes:
        server: The base of its API.
        wants: What people asked for (names, ids), by kind and state.
        things: Everything known of, by kind and state.
        short: Lists of which fewer items were seen than the source states.
        closed: Endpoints that this application may not call.
    """

    source: str
    server: str
    wants: dict[str, dict[str, int]] = {}
    things: dict[str, dict[str, int]] = {}
    short: int = 0
    closed: list[str] = []

    @property
    def owed(self) -> dict[str, int]:
        """How many of each kind are still owed."""
        # A name that was found is wanted as a thing, too; the greater number is the whole.
        wants, things = _owed(self.wants), _owed(self.things)
        return {
            kind: max(wants.get(kind, 0), things.get(kind, 0)) for kind in dict.fromkeys([*wants, *things])
        }

    @property
    def calls(self) -> int:
        """About how many calls that takes: one a name, full batches where the application may."""
        batched = sum(_calls(kind, count, self.closed) for kind, count in _owed(self.things).items())
        return self.short + sum(_owed(self.wants).values()) + batched


def _owed(kinds: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    found = {
        kind: sum(count for state, count in states.items() if State(state).is_gap)
        for kind, states in kinds.items()
    }
    return {kind: count for kind, count in found.items() if count}


def added(one: LedgerState, other: LedgerState) -> LedgerState:
    """Two servers of one name as one."""
    return LedgerState(
        source=one.source,
        server="",
        wants=_summed(one.wants, other.wants),
        things=_summed(one.things, other.things),
        short=one.short + other.short,
    )


def _summed(one: dict[str, dict[str, int]], other: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {
        kind: dict(Counter(one.get(kind, {})) + Counter(other.get(kind, {})))
        for kind in sorted({*one, *other})
    }


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to collect what is owed.

    Attributes:
        calls: About so many.
        rate: Calls a second that are reckoned with; None when nothing is known.
        done_at: When it may be done; None when nothing can be said.
        says: What it rests on.
    """

    source: str
    owed: dict[str, int]
    calls: int
    rate: float | None
    done_at: datetime | None
    says: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    Attributes:
        control: Where ledgers and budgets are, when machines share them; jobs and counts are of this home.
    """

    at: datetime
    version: str
    home: str
    running: list[Job]
    last: list[Job]
    ledgers: list[LedgerState]
    budgets: list[BudgetState]
    estimates: list[Estimate]
    lake: LakeState
    stores: list[StoreState]
    control: str = ""


_BATCHES: Mapping[str, tuple[str, int]] = {
    "artist": ("artists", 50),
    "track": ("tracks", 50),
    "album": ("albums", 20),
    "audio_features": ("audio_features", 100),
}


def estimate(ledger: LedgerState, budget: BudgetState | None, rate: float, now: datetime) -> Estimate | None:
    """Reckon when what is owed may be there; None when nothing is owed.

    Args:
        ledger: What is owed.
        budget: What is known of the limits; None when nothing is.
        rate: Requests a second of the jobs that run; 0 when none runs.
        now: The time.
    """
    owed = ledger.owed
    if (not owed and not ledger.short) or ledger.source == OTHER:
        return None
    calls = ledger.calls
    begins = max(now, (budget and budget.parked_until) or now)
    pace, says = rate, "at the rate of the job that runs"
    within = min((one.spread.rate for one in budget.quotas), default=0.0) if budget else 0.0
    if not pace:
        pace = budget.rate or within if budget else 0.0
        says = "at the rate that was learned, once a job runs"
    if not pace:
        return Estimate(
            source=ledger.source, owed=owed, calls=calls, rate=None, done_at=None, says="no rate is known yet"
        )
    seconds = calls / pace
    # Which endpoints it takes is not known here; the tightest quota is the cautious guess.
    if 0 < within <= pace:
        seconds, says = calls / within, "within the quota"
    done = begins + timedelta(seconds=min(seconds, 1e9)) if math.isfinite(seconds) else None
    return Estimate(source=ledger.source, owed=owed, calls=calls, rate=pace, done_at=done, says=says)


def _calls(kind: str, count: int, closed: Sequence[str]) -> int:
    endpoint, size = _BATCHES.get(kind, ("", 1))
    return count if not endpoint or endpoint in closed else math.ceil(count / size)
