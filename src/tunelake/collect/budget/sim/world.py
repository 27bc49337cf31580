"""Runs a client against a server in virtual time, and tells what a client that knows all would have got."""

from __future__ import annotations

import heapq
import math
import random
from typing import Protocol

import msgspec

from tunelake.collect.budget.sim.server import Rules, Server

WORKERS = 8


class Client(Protocol):
    """What is put to the test: it says when to send, and hears the answers."""

    def opens(self, now: float) -> float:
        """When the next request may go; `now` or before means at once, infinite means after an answer."""

    def sent(self, now: float) -> int:
        """Note that a request goes; gives its number."""

    def heard(self, number: int, now: float, retry_after: float | None, *, granted: bool) -> None:
        """Take an answer."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run.

    Attributes:
        granted: Answers other than 429.
        refused: Answers 429.
        allowed: What a client that knows all would have got in the same span.
    """

    granted: int
    refused: int
    allowed: int

    @property
    def share(self) -> float:
        """Granted, of what was allowed."""
        return self.granted / self.allowed

    @property
    def waste(self) -> float:
        """Refused, of all answers."""
        return self.refused / max(1, self.granted + self.refused)


def latency(rules: Rules, dice: random.Random) -> tuple[float, float]:
    """Seconds on the way there and on the way back."""
    whole = dice.uniform(*rules.latency)
    there = whole * rules.way_there * dice.uniform(0.8, 1.0)
    return there, whole - there


def allowed(rules: Rules, seconds: float, seed: int, *, start: float = 0.0, workers: int = WORKERS) -> int:
    """Count what a client gets that knows the limits, with the same latency and as many connections."""
    dice = random.Random(seed)  # noqa: S311  a simulation wants a seed
    server = Server(rules)
    free = [start] * workers
    granted, now, end = 0, start, start + seconds
    while True:
        there, back = latency(rules, dice)
        now = max(now, heapq.heappop(free) + there)
        while (wait := server.wait(now)) > 0:
            now = min(now + wait, max(now, server.next_change()))
        if now + back > end:
            return granted
        server.take(now)
        granted += 1
        heapq.heappush(free, now + back)


def run(
    client: Client, rules: Rules, seconds: float, seed: int, *, start: float = 0.0, workers: int = WORKERS
) -> Outcome:
    """Let a client ask as much as it may, from the start to the end of the span."""
    dice = random.Random(seed)  # noqa: S311  a simulation wants a seed
    server = Server(rules)
    arrivals: list[tuple[float, int, float]] = []
    answers: list[tuple[float, int, bool, float | None]] = []
    busy = granted = refused = 0
    now, end = start, start + seconds
    while now <= end:
        opens = math.inf
        while busy < workers and (opens := client.opens(now)) <= now:
            there, back = latency(rules, dice)
            heapq.heappush(arrivals, (now + there, client.sent(now), back))
            busy += 1
        arrives = arrivals[0][0] if arrivals else math.inf
        answered = answers[0][0] if answers else math.inf
        now = min(arrives, answered, opens if busy < workers else math.inf)
        if now == arrives:
            at, number, back = heapq.heappop(arrivals)
            heapq.heappush(answers, (at + back, number, *server.answer(at)))
        elif now == answered:
            at, number, good, told = heapq.heappop(answers)
            busy -= 1
            granted, refused = granted + good * (at <= end), refused + (not good) * (at <= end)
            client.heard(number, at, told, granted=good)
    return Outcome(
        granted=granted, refused=refused, allowed=allowed(rules, seconds, seed, start=start, workers=workers)
    )
