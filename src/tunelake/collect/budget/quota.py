"""A quota: so many requests in so long a time. Nothing is assumed until one is set or met."""

from __future__ import annotations

import math

import msgspec

DAILY_S = 43_200.0
KEPT_FOR_ON_DEMAND = 0.2
HEAD_START = 0.02


class Quota(msgspec.Struct, kw_only=True):
    """What may be used in a period, and what has been.

    Attributes:
        calls: Allowed in a period; None when no quota is known.
        period_s: Seconds of a period.
        began: When the period began, with its first request.
        used: Requests since then.
    """

    calls: int | None = None
    period_s: float = 86_400.0
    began: float = -math.inf
    used: int = 0

    def opens(self, now: float, *, on_demand: bool) -> float:
        """When the quota lets the next request go: spread over the period, with a part kept for on demand."""
        if self.calls is None or now >= self.began + self.period_s:
            return now
        ends = self.began + self.period_s
        if on_demand:
            return now if self.used < self.calls else ends
        kept = KEPT_FOR_ON_DEMAND if self.period_s >= DAILY_S else 0.0
        share = self.calls * (1 - kept)
        if self.used + 1 > share:
            return ends
        due = (self.used + 1 - HEAD_START * share) / share
        return max(now, self.began + due * self.period_s)

    def use(self, now: float) -> None:
        """Count a request; the first of a period begins it."""
        if now >= self.began + self.period_s:
            self.began, self.used = now, 0
        self.used += 1

    def met(self, now: float, retry_after: float) -> None:
        """Learn from a refusal: what was used until then is what is allowed in the time until it opens."""
        self.calls = max(1, self.used - 1)
        self.period_s = max(1.0, now + retry_after - self.began)
        self.used = max(self.used, self.calls)
