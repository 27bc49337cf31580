"""A job: one run of a command on a home, as its operator sees it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Outcome = Literal["running", "done", "gaps", "parked", "interrupted", "failed", "refused", "died"]
"""What became of a job; "refused": something has to be changed first; "died": its process ended without a
word, for example by kill -9."""
LONGEST_WORDS = 300


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job.

    Attributes:
        name: What it does, for example "collect artists"; never whom it is about.
        pid: Its process.
        stage: What it is at; `done` of `total` (None: nobody knows).
        requests: Sent to sources so far.
        refused: How many of them were answered by 429.
        rate: Requests a second, lately.
        gaps: What it still owed at its end.
        until: When it can be gone on with, where a source said so.
        says: Why it ended as it did, for people.
    """

    id: str
    name: str
    pid: int
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome = "running"
    stage: str = ""
    done: int = 0
    total: int | None = None
    requests: int = 0
    refused: int = 0
    rate: float = 0.0
    gaps: int = 0
    until: datetime | None = None
    says: str = ""

    def seconds(self, now: datetime) -> float:
        """How long it has been running, or ran."""
        return ((self.ended_at or now) - self.started_at).total_seconds()


def in_words(seconds: float) -> str:
    """A duration in few characters: "8 s", "3 min", "2.5 h", "4 d"."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"
