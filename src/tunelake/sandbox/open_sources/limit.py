"""How much each client may ask: a bucket that fills, or a window that opens anew. Pure."""

from __future__ import annotations

import math

import msgspec


class Bucket:
    """For each client a bucket of `burst` requests that fills by `rate` requests a second."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, client: str, now: float) -> bool:
        """Whether a request may pass; a refused one costs nothing."""
        left, at = self._left.get(client, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        passes = left >= 1
        self._left[client] = (left - passes, now)
        return passes


class Seen(msgspec.Struct, frozen=True):
    """What a window says of a request."""

    passes: bool
    limit: int
    remaining: int
    reset_in: int


class Window:
    """For each client at most `calls` requests in each window of `seconds`, which opens with the first."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._open: dict[str, tuple[float, int]] = {}

    def take(self, client: str, now: float) -> Seen:
        """Count a request."""
        start, used = self._open.get(client, (now, 0))
        if now - start >= self._seconds:
            start, used = now, 0
        passes = used < self._calls
        used += passes
        self._open[client] = (start, used)
        left = max(0, math.ceil(start + self._seconds - now))
        return Seen(passes, self._calls, self._calls - used, left)
