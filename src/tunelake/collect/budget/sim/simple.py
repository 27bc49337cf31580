"""Two clients as they are commonly written: what the governor has to beat."""

from __future__ import annotations

import math


class Additive:
    """More by a little after a grant, half as much after a refusal."""

    def __init__(self, rate: float = 1.0) -> None:
        self._rate = rate
        self._next = 0.0
        self._number = 0

    def opens(self, now: float) -> float:  # noqa: ARG002  it keeps its own time
        """One request after another, at its rate."""
        return self._next

    def sent(self, now: float) -> int:
        """Put the next one off."""
        self._next = max(now, self._next + 1 / self._rate)
        self._number += 1
        return self._number

    def heard(self, number: int, now: float, retry_after: float | None, *, granted: bool) -> None:  # noqa: ARG002
        """Go faster, or slower and later."""
        self._rate = min(100.0, self._rate + 0.5 / self._rate) if granted else max(0.2, self._rate / 2)
        if not granted:
            self._next = max(self._next, now + (retry_after or 1.0))


class Naive:
    """As fast as its connections go, and as long a pause as it is told."""

    def __init__(self, backoff: float = 1.0) -> None:
        self._closed = -math.inf
        self._backoff = backoff

    def opens(self, now: float) -> float:  # noqa: ARG002  it keeps its own time
        """At once, unless told to wait."""
        return self._closed

    def sent(self, now: float) -> int:  # noqa: ARG002
        """Keep no count."""
        return 0

    def heard(self, number: int, now: float, retry_after: float | None, *, granted: bool) -> None:  # noqa: ARG002
        """Wait as told."""
        if not granted:
            self._closed = max(self._closed, now + (retry_after or self._backoff))
