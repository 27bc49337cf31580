"""What a run did, for people and for exit codes."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tunelake.collect.ports import Want
from tunelake.domain.states import State

DONE, GAPS, PARKED = 0, 1, 3


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something still owed: what, in which state, and why."""

    what: str
    state: State
    reason: str


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one run.

    Attributes:
        asked: How many names or ids were asked for; every one is in `wants`.
        stored: How many of them are in the lake, newly fetched or still fresh.
        by_state: How many ended in which state.
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
