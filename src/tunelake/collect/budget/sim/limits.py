"""The limits a server may keep. Each is told the time, in seconds of a clock that never goes back."""

from __future__ import annotations

from collections import deque
from typing import Protocol

ROUNDING = 1e-9


class Limit(Protocol):
    """A limit: `wait` asks, `take` counts one request."""

    def wait(self, now: float) -> float:
        """Seconds until a request would be granted if none came before; 0 means now."""

    def take(self, now: float) -> None:
        """Count one request."""


class RollingWindow:
    """So many requests in any stretch of so many seconds."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until enough of the counted requests have left the window."""
        while self._taken and self._taken[0] + self._seconds <= now:
            self._taken.popleft()
        over = len(self._taken) - self._calls
        return self._taken[over] + self._seconds - now if over >= 0 else 0.0

    def take(self, now: float) -> None:
        """Count one request."""
        self._taken.append(now)


class FixedWindow:
    """So many requests between two ticks of the server's own clock."""

    def __init__(self, calls: int, seconds: float, phase: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._phase = phase
        self._number = -1
        self._taken = 0

    def wait(self, now: float) -> float:
        """Seconds until the next tick, when this window is full."""
        number = int((now + self._phase) // self._seconds)
        if number != self._number:
            self._number, self._taken = number, 0
        if self._taken < self._calls:
            return 0.0
        return max(ROUNDING, (number + 1) * self._seconds - self._phase - now + ROUNDING)

    def take(self, now: float) -> None:
        """Count one request."""
        self.wait(now)
        self._taken += 1


class WeightedCounter:
    """Two counters make a window that slides: the last one counts for the part of it still in sight."""

    def __init__(self, calls: int, seconds: float, phase: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._phase = phase
        self._number = 0
        self._last = 0
        self._taken = 0

    def wait(self, now: float) -> float:
        """Seconds until both counters together leave room for one."""
        number, part = divmod((now + self._phase) / self._seconds, 1.0)
        self._turn(int(number))
        if self._taken + 1 <= self._calls - self._last * (1 - part) + ROUNDING:
            return 0.0
        if self._taken + 1 <= self._calls:
            return ((1 - (self._calls - self._taken - 1) / self._last) - part) * self._seconds + ROUNDING
        # The next window begins with this one at its full weight.
        fades = 1 - (self._calls - 1) / self._taken
        return (1 - part + fades) * self._seconds + ROUNDING

    def take(self, now: float) -> None:
        """Count one request."""
        self.wait(now)
        self._taken += 1

    def _turn(self, number: int) -> None:
        if number > self._number:
            self._last = self._taken if number == self._number + 1 else 0
            self._number, self._taken = number, 0


class TokenBucket:
    """A steady rate, and bursts after a rest."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one whole token is in the bucket."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        missing = 1 - self._tokens
        return missing / self._rate if missing > ROUNDING else 0.0

    def take(self, now: float) -> None:
        """Take one token; a refused request that counts may leave less than none."""
        self.wait(now)
        self._tokens -= 1
