"""A transport that answers from a script, and a clock that moves when it is told; for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from tunelake.collect.ports import HttpRequest, HttpResponse

Line = HttpResponse | Callable[[HttpRequest], HttpResponse]


class ScriptedTransport:
    """Answers each request with the next line of the script, in the end with the last one again.

    Attributes:
        sent: The requests that came, in order.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self.sent: list[HttpRequest] = []
        self._lines = list(lines)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Answer by the script."""
        self.sent.append(request)
        line = self._lines.pop(0) if len(self._lines) > 1 else self._lines[0]
        return line(request) if callable(line) else line

    async def close(self) -> None:
        """Nothing to let go of."""


class ManualClock:
    """Time stands still but for sleeping, which takes none; chance is always the same.

    Attributes:
        slept: How long each sleep was, in seconds.
    """

    def __init__(self, start: datetime | None = None, chance: float = 0.5) -> None:
        self.slept: list[float] = []
        self._now = start or datetime(2026, 11, 1, 12, tzinfo=UTC)
        self._chance = chance

    def now(self) -> datetime:
        """The time on this clock."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the time on."""
        self._now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Sleep by moving the time on."""
        self.slept.append(seconds)
        self.advance(seconds)

    def jitter(self) -> float:
        """The same number each time."""
        return self._chance
