"""A server that keeps limits and tells as much about them as it likes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from tunelake.collect.budget.sim.limits import Limit

Telling = Literal["exact", "whole", "absent", "long"]
"""How a refusal tells the wait: to the millisecond, in whole seconds rounded up, not at all, too long."""

Makers = tuple[Callable[[], Limit], ...]


class Regime(msgspec.Struct, frozen=True, kw_only=True):
    """Limits that hold from a moment on.

    Attributes:
        since: Seconds after the start.
        limits: Makers of the limits; all must agree to a request.
    """

    since: float
    limits: Makers


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """All about a server.

    Attributes:
        name: For people.
        regimes: Limits in the order they begin; the first since 0.
        telling: What a refusal says about the wait.
        counts_refused: A refused request counts as a granted one does.
        latency: Least and greatest seconds from request to answer.
        way_there: The share of the latency that passes before the server decides.
    """

    name: str
    regimes: tuple[Regime, ...]
    telling: Telling = "whole"
    counts_refused: bool = False
    latency: tuple[float, float] = (0.05, 0.3)
    way_there: float = 0.5


class Server:
    """Decides on requests in the order of their arrival."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._later = list(rules.regimes[1:])
        self._limits: Sequence[Limit] = [make() for make in rules.regimes[0].limits]

    def wait(self, now: float) -> float:
        """Seconds until a request would be granted, as the limits of this moment see it."""
        while self._later and self._later[0].since <= now:
            self._limits = [make() for make in self._later.pop(0).limits]
        return max(limit.wait(now) for limit in self._limits)

    def next_change(self) -> float:
        """When other limits begin to hold; infinite when they never do."""
        return self._later[0].since if self._later else math.inf

    def take(self, now: float) -> None:
        """Count one request."""
        for limit in self._limits:
            limit.take(now)

    def answer(self, now: float) -> tuple[bool, float | None]:
        """Grant or refuse; with a refusal, the Retry-After in seconds, or None."""
        wait = self.wait(now)
        if wait <= 0:
            self.take(now)
            return True, None
        if self._rules.counts_refused:
            self.take(now)
            wait = self.wait(now)
        return False, self._told(wait)

    def _told(self, wait: float) -> float | None:
        match self._rules.telling:
            case "exact":
                return math.ceil(wait * 1000) / 1000
            case "whole":
                return max(1.0, math.ceil(wait))
            case "long":
                return max(1.0, math.ceil(wait)) * 3
            case "absent":
                return None
