"""The ways a server may count. A meter says how much is counted at a moment, and when it will be less.

Every limit is a meter and a cap: a request is granted while the load is below the cap.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right

import msgspec


class Rolling(msgspec.Struct, frozen=True, kw_only=True, tag="rolling"):
    """Counts the last so many seconds."""

    seconds: float

    def load(self, grants: list[float], at: float) -> float:
        """What is counted just before `at`."""
        return bisect_left(grants, at) - bisect_right(grants, at - self.seconds)

    def opens(self, grants: list[float], cap: float, at: float, late: float = 0.0) -> float:
        """When the load is at most cap - 1, if nothing else is granted from `at` on.

        Args:
            grants: Moments of the grants.
            cap: The cap; less than one means never.
            at: The moment of asking.
            late: Seconds that everything stays counted longer, for safety.
        """
        room = int(cap)
        if room <= 0:
            return math.inf
        before = bisect_left(grants, at)
        return max(at, grants[before - room] + self.seconds + late) if before >= room else at


class Fixed(msgspec.Struct, frozen=True, kw_only=True, tag="fixed"):
    """Counts from tick to tick of the server's clock; `phase` is the moment of one tick."""

    seconds: float
    phase: float

    def load(self, grants: list[float], at: float) -> float:
        """What is counted just before `at`."""
        return bisect_left(grants, at) - bisect_left(grants, at - (at - self.phase) % self.seconds)

    def left(self, at: float) -> float:
        """Seconds until the next tick."""
        return self.seconds - (at - self.phase) % self.seconds

    def opens(self, grants: list[float], cap: float, at: float, late: float = 0.0) -> float:
        """When the load is at most cap - 1, if nothing else is granted from `at` on."""
        if cap < 1:
            return math.inf
        since = (at - late - self.phase) % self.seconds
        if bisect_left(grants, at) - bisect_left(grants, at - late - since) <= cap - 1:
            return at
        return at - since + self.seconds


class Weighted(msgspec.Struct, frozen=True, kw_only=True, tag="weighted"):
    """Counts from tick to tick, and what of the span before is still in sight, as if it had been even."""

    seconds: float
    phase: float

    def load(self, grants: list[float], at: float) -> float:
        """What is counted just before `at`."""
        since = (at - self.phase) % self.seconds
        tick = bisect_left(grants, at - since)
        before = tick - bisect_left(grants, at - since - self.seconds)
        return bisect_left(grants, at) - tick + before * (1 - since / self.seconds)

    def opens(self, grants: list[float], cap: float, at: float, late: float = 0.0) -> float:
        """When the load is at most cap - 1, if nothing else is granted from `at` on."""
        if cap < 1:
            return math.inf
        since = (at - late - self.phase) % self.seconds
        tick = bisect_left(grants, at - late - since)
        before = tick - bisect_left(grants, at - late - since - self.seconds)
        taken = bisect_left(grants, at) - tick
        if taken + before * (1 - since / self.seconds) <= cap - 1:
            return at
        if taken <= cap - 1:
            return at - since + self.seconds * (1 - (cap - 1 - taken) / before)
        # The next span begins with this one at its full weight.
        return at - since + self.seconds * (2 - (cap - 1) / taken)


Meter = Rolling | Fixed | Weighted
