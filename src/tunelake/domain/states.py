"""The states of a wanted thing, and which of them leave a gap."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What became of something that was wanted; the ledger holds one for each."""

    WANTED = "wanted"
    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    DEFERRED = "deferred"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    QUARANTINED = "quarantined"

    @property
    def is_gap(self) -> bool:
        """True while something is still owed: a run with one of these has not succeeded."""
        return self in {State.WANTED, State.DEFERRED, State.QUARANTINED}
