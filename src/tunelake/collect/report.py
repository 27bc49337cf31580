"""What a run did, for people and for exit codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from tunelake.collect.ports import Cooldown, Want
from tunelake.collect.tally import Tally
from tunelake.domain.states import State

DONE, GAPS, PARKED = 0, 1, 3
MOST_WANTS = 10_000
"""Wants that a report holds, so that a run over a million stays small; all of them are in the ledger."""
_STORED = {State.FETCHED, State.UNCHANGED}


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something still owed: what, in which state, and why."""

    what: str
    state: State
    reason: str


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one run.

    Attributes:
        asked: How many names or ids were asked for.
        stored: How many of them are in the lake, newly fetched or still fresh.
        by_state: How many ended in which state.
        wants: What became of each, of the first `MOST_WANTS`.
        calls: Requests to the catalogue, repeated ones included.
        calls_by_endpoint: The same by endpoint.
        token_calls: Requests to the accounts service.
        retries: Requests that were repeated, by what went wrong.
        gaps: Everything still owed.
        forbidden: What this application may not call, by endpoint, with the reason; final, no gap.
        notes: What a person may want to know and that is no gap.
        parked_until: When the source will answer again, for parked work.
        seconds: Wall-clock time.
    """

    asked: int
    stored: int
    by_state: dict[str, int]
    wants: list[Want]
    calls: int
    calls_by_endpoint: dict[str, int]
    token_calls: int
    retries: dict[str, int]
    gaps: list[Gap]
    forbidden: dict[str, str]
    notes: list[str]
    parked_until: datetime | None
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 done; 1 done with gaps; 3 parked by the source, which wins."""
        if self.parked_until:
            return PARKED
        return GAPS if self.gaps else DONE


class Outcome:
    """What became of what was asked for, as it comes in."""

    def __init__(self) -> None:
        self._wants: list[Want] = []
        self._by_state: Counter[str] = Counter()
        self._gaps: list[Gap] = []

    @property
    def begun(self) -> bool:
        """Whether anything came to its end."""
        return bool(self._by_state)

    def add(self, wants: Iterable[Want]) -> None:
        """Take note of wants that came to their end."""
        for want in wants:
            self._by_state[str(want.state)] += 1
            if len(self._wants) < MOST_WANTS:
                self._wants.append(want)
            if want.state.is_gap:
                what = f"{want.kind} {want.asked}"
                self._gaps.append(Gap(what=what, state=want.state, reason=want.reason))

    def leave(self, kind: str, count: int, reason: str) -> None:
        """Take note of wants that were not begun."""
        if count:
            self._by_state[str(State.WANTED)] += count
            self._gaps.append(Gap(what=f"{count} more of {kind}", state=State.WANTED, reason=reason))

    def report(
        self,
        *,
        tally: Tally,
        gaps: Sequence[Gap],
        notes: Sequence[str],
        forbidden: Mapping[str, str],
        parked: Cooldown | None,
        seconds: float,
    ) -> RunReport:
        """Sum up; the arguments are as `RunReport` has them."""
        owed = [*self._gaps, *gaps]
        return RunReport(
            asked=self._by_state.total(),
            stored=sum(self._by_state[state] for state in _STORED),
            by_state=dict(self._by_state),
            wants=self._wants,
            calls=tally.calls.total(),
            calls_by_endpoint=dict(sorted(tally.calls.items())),
            token_calls=tally.tokens,
            retries=dict(sorted(tally.retries.items())),
            gaps=owed,
            forbidden=dict(sorted(forbidden.items())),
            notes=list(notes),
            parked_until=parked.until if parked and owed else None,
            seconds=seconds,
        )
