"""A pace that believes in nothing: a refusal lowers it by a quarter, each window of grants raises it."""

from __future__ import annotations

from bisect import bisect_left

import msgspec

LOWERS = 0.75
RAISES = 0.02
PATIENT = 15
WINDOW = 20
LATELY_S = 60.0
LEAST = 0.02


class Clocked(msgspec.Struct, kw_only=True):
    """Where every hypothesis failed, and refusals were many.

    Attributes:
        rate: Requests a second.
        last: When the last one went.
        granted: Grants since the rate was raised.
        quiet: Windows of grants since the last refusal; many of them say that there is much more to be had.
        held: Grants since it is gone by.
    """

    rate: float
    last: float = 0.0
    granted: int = 0
    quiet: int = 0
    held: int = 0

    @classmethod
    def after(cls, grants: list[float], now: float) -> Clocked:
        """Three quarters of what was got lately."""
        lately = grants[bisect_left(grants, now - LATELY_S) :]
        span = max(1.0, now - grants[0]) if grants else 1.0
        return cls(rate=max(LEAST, LOWERS * len(lately) / min(LATELY_S, span)), last=now)

    def opens(self, now: float) -> float:
        """When the next may go; they go evenly."""
        return max(now, self.last + 1 / self.rate)

    def spend(self, now: float) -> None:
        """Note one that goes."""
        self.last = now

    def grant(self) -> None:
        """Note a grant."""
        self.granted += 1
        self.held += 1
        if self.granted >= WINDOW:
            self.granted, self.quiet = 0, self.quiet + 1
            self.rate *= 1 + RAISES * max(1, self.quiet - PATIENT)

    def refuse(self) -> None:
        """Note a refusal; echoes of it are none."""
        self.granted, self.quiet, self.rate = 0, 0, max(LEAST, self.rate * LOWERS)
