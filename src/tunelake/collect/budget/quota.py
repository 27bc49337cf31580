"""A quota: so many requests in so long a time. Nothing is assumed until one is set or met. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import msgspec

DAILY_S = 43_200.0
KEPT_FOR_ON_DEMAND = 0.2
HEAD_START = 0.02
EARLY = 0.9
WHOLE, EACH = "", "each"
"""Stand for all endpoints together, and for every one by itself."""
UNCOUNTED = "token"
"""What another service answers is in no quota."""

Amount = tuple[int, float]
"""Calls, and seconds."""
Wishes = Mapping[str, Amount]
"""What somebody sets, by endpoint."""


class Quota(msgspec.Struct, kw_only=True):
    """What may be used in a period, and what has been.

    Attributes:
        calls: Allowed in a period; None when no quota is known.
        period_s: Seconds of a period.
        began: When the period began, with its first request.
        used: Requests since then.
        wish: What was set last, which may have been found wrong since.
    """

    calls: int | None = None
    period_s: float = 86_400.0
    began: float = -math.inf
    used: int = 0
    wish: Amount | None = None

    @property
    def reserve(self) -> float:
        """The share that is kept for on demand."""
        return KEPT_FOR_ON_DEMAND if self.period_s >= DAILY_S else 0.0

    def opens(self, now: float, *, on_demand: bool) -> float:
        """When the quota lets the next request go: spread over the period, with a part kept for on demand."""
        if self.calls is None or now >= self.began + self.period_s:
            return now
        ends = self.began + self.period_s
        if on_demand:
            return now if self.used < self.calls else ends
        share = self.calls * (1 - self.reserve)
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
        self.used = max(0, self.used - 1)
        self.calls = max(1, self.used)
        self.period_s = max(1.0, now + retry_after - self.began)

    def keep_to(self, wish: Amount | None) -> None:
        """Keep to what is set now; what was met since it was set stays when nothing new is set."""
        if wish == self.wish:
            return
        if wish:
            self.calls, self.period_s = wish
        elif self.wish and self.calls == self.wish[0]:
            self.calls, self.period_s = None, 86_400.0
        self.wish = wish


class Quotas(msgspec.Struct, kw_only=True):
    """The quota of an account, and those of its endpoints.

    Attributes:
        whole: Of all endpoints together.
        by_endpoint: Of each; one without `calls` counts alone.
        set_by: What each process sets that is there.
    """

    whole: Quota = msgspec.field(default_factory=Quota)
    by_endpoint: dict[str, Quota] = {}
    set_by: dict[str, dict[str, Amount]] = {}

    def opens(self, now: float, endpoint: str, *, on_demand: bool) -> float:
        """When the next request to an endpoint may go."""
        return max((one.opens(now, on_demand=on_demand) for one in self._of(endpoint)), default=now)

    def use(self, now: float, endpoint: str) -> None:
        """Count a request."""
        for one in self._of(endpoint):
            one.use(now)

    def met(self, now: float, endpoint: str, retry_after: float) -> None:
        """Learn whose quota it was: the endpoint's, unless that was known to be larger."""
        if endpoint == UNCOUNTED:
            return
        one = self._one(endpoint) if endpoint else self.whole
        early = one.calls is not None and one.used < EARLY * one.calls
        if one is self.whole or not early or one.wish:
            one.met(now, retry_after)
            return
        # What was learned of endpoints may have been the quota of all, met at one of them.
        self.whole.met(now, retry_after)
        for other in self.by_endpoint.values():
            if not other.wish:
                other.calls = None

    def keep_to(self, who: str, wishes: Wishes, gone: Iterable[str]) -> None:
        """Keep to what a process sets, and to the strictest of those that are there.

        Args:
            who: The process.
            wishes: What it sets.
            gone: Processes that are not there any more.
        """
        for one in gone:
            self.set_by.pop(one, None)
        self.set_by.pop(who, None)
        if wishes:
            self.set_by[who] = dict(wishes)
        self.whole.keep_to(self.strictest(WHOLE))
        for endpoint in {*self.by_endpoint, *chain(*self.set_by.values())} - {WHOLE, EACH}:
            self._one(endpoint).keep_to(self.strictest(endpoint))

    def strictest(self, endpoint: str) -> Amount | None:
        """The strictest of what processes set for an endpoint, by its name or for each; None for nothing."""
        usual = WHOLE if endpoint == WHOLE else EACH
        set_ = (wishes.get(endpoint, wishes.get(usual)) for wishes in self.set_by.values())
        return min((amount for amount in set_ if amount), key=_rate, default=None)

    def known(self) -> Iterator[tuple[str, Quota]]:
        """Those that are known, the whole first."""
        if self.whole.calls is not None:
            yield WHOLE, self.whole
        yield from ((name, one) for name, one in sorted(self.by_endpoint.items()) if one.calls is not None)

    def _of(self, endpoint: str) -> list[Quota]:
        if endpoint == UNCOUNTED:
            return []
        return [self.whole, self._one(endpoint)] if endpoint else [self.whole]

    def _one(self, endpoint: str) -> Quota:
        if endpoint not in self.by_endpoint:
            self.by_endpoint[endpoint] = Quota()
            self.by_endpoint[endpoint].keep_to(self.strictest(endpoint))
        return self.by_endpoint[endpoint]


class Spread(msgspec.Struct, frozen=True):
    """What a quota leaves to what nobody waits for: calls a second, after so many at once."""

    rate: float
    at_once: float = 0.0

    def seconds(self, calls: int) -> float:
        """How long so many calls take."""
        return max(0.0, calls - self.at_once) / self.rate


def spread(calls: int, period_s: float) -> Spread:
    """How a quota is spread over its period."""
    share = calls * (1 - (KEPT_FOR_ON_DEMAND if period_s >= DAILY_S else 0.0))
    return Spread(share / period_s, HEAD_START * share)


def _rate(amount: Amount) -> float:
    return amount[0] / amount[1]
