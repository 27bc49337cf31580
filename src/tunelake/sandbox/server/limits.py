"""Rate limits and the quota: pure, with time as an argument (seconds of a clock that never goes back)."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from tunelake.sandbox.server.config import BucketLimit, Quota, WindowLimit
from tunelake.sandbox.server.refusals import limited, over_quota


class Limiter(Protocol):
    """One limit on one client; `wait` asks, `take` counts a call that all limits allowed."""

    def wait(self, now: float) -> float:
        """Seconds until a call is allowed; 0 means now."""

    def take(self, now: float) -> None:
        """Count one allowed call."""


class RollingWindow:
    """Allows a number of calls in any window of the given length."""

    def __init__(self, limit: WindowLimit) -> None:
        self._limit = limit
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the oldest call that is in the way leaves the window."""
        while self._taken and self._taken[0] + self._limit.seconds <= now:
            self._taken.popleft()
        if len(self._taken) < self._limit.calls:
            return 0
        return self._taken[0] + self._limit.seconds - now

    def take(self, now: float) -> None:
        """Count one allowed call."""
        self._taken.append(now)


class TokenBucket:
    """Allows bursts, and a steady rate after them."""

    def __init__(self, limit: BucketLimit) -> None:
        self._limit = limit
        self._tokens = float(limit.burst)
        self._at: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until one whole token is in the bucket."""
        elapsed = 0.0 if self._at is None else now - self._at
        self._tokens = min(self._limit.burst, self._tokens + elapsed * self._limit.rate)
        self._at = now
        # A billionth of a token is rounding, not a reason to send a client away for no time at all.
        missing = 1 - self._tokens
        return missing / self._limit.rate if missing > 1e-9 else 0  # noqa: PLR2004

    def take(self, now: float) -> None:
        """Take one token."""
        self.wait(now)
        self._tokens -= 1


class AccountQuota:
    """Counts the calls of a whole account to each endpoint, and bans the endpoint when they are used up."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._calls: dict[str, int] = {}
        self._banned_until: dict[str, float] = {}

    def wait(self, endpoint: str, now: float) -> float:
        """Seconds that the endpoint stays closed; the ban begins with the first call too many."""
        if endpoint in self._banned_until:
            left = self._banned_until[endpoint] - now
            if left > 0:
                return left
            del self._banned_until[endpoint]
            self._calls[endpoint] = 0
        if self._calls.get(endpoint, 0) < self._quota.calls:
            return 0
        self._banned_until[endpoint] = now + self._quota.ban_s
        return self._quota.ban_s

    def take(self, endpoint: str) -> None:
        """Count one allowed call."""
        self._calls[endpoint] = self._calls.get(endpoint, 0) + 1


def limiter(limit: WindowLimit | BucketLimit) -> Limiter:
    """The limiter that keeps this limit."""
    return RollingWindow(limit) if isinstance(limit, WindowLimit) else TokenBucket(limit)


class Gate:
    """All limits of a server: each limit for each client id, the quota over all of them."""

    def __init__(self, limits: tuple[WindowLimit | BucketLimit, ...], quota: Quota | None) -> None:
        self._limits = limits
        self._quota = AccountQuota(quota) if quota else None
        self._clients: dict[str, list[Limiter]] = {}

    def pass_through(self, client_id: str, endpoint: str, now: float) -> None:
        """Count the call, or refuse it without counting.

        Raises:
            Refusal: Status 429, saying when to come back.
        """
        limiters = self._clients.setdefault(client_id, [limiter(limit) for limit in self._limits])
        wait = max((one.wait(now) for one in limiters), default=0)
        if wait > 0:
            raise limited(wait)
        if self._quota:
            ban = self._quota.wait(endpoint, now)
            if ban > 0:
                raise over_quota(ban)
            self._quota.take(endpoint)
        for one in limiters:
            one.take(now)
