"""Who waits for a card finds room, or soon, while a backfill takes all that it may; in virtual time."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from tunelake.collect.budget.governor import LANES, Governor, Grant, Lane, WaitUntil
from tunelake.collect.budget.sim.limits import FixedWindow, Limit, RollingWindow, TokenBucket, WeightedCounter
from tunelake.collect.budget.sim.server import Regime, Rules
from tunelake.collect.budget.sim.world import Outcome, run

CARD = 5
LEARNED_S, EVERY_S, SPAN_S = 130.0, 61.7, 560.0


class Backfill:
    """A client in a lane that always has something to ask for."""

    def __init__(self, lane: Lane = "backfill") -> None:
        self.governor = Governor()
        self.lane: Lane = lane
        self._leave = Grant(number=0, lane=lane)

    def opens(self, now: float) -> float:
        """When the next request may go."""
        return self.asked(now, self.lane)

    def asked(self, now: float, lane: Lane) -> float:
        """Ask in a lane."""
        leave = self.governor.ask(now, lane)
        if not isinstance(leave, Grant):
            return leave.at
        self._leave = leave
        return now

    def sent(self, now: float) -> int:
        """Note a request."""
        assert now >= 0
        return self._leave.number

    def heard(self, number: int, now: float, retry_after: float | None, *, granted: bool) -> None:
        """Take an answer."""
        grant = Grant(number=number, lane=self.lane)
        self.governor.answered(grant, now, 200 if granted else 429, retry_after)


class WithCards(Backfill):
    """A backfill, and somebody who wants a card now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.cards = [LEARNED_S + EVERY_S * number for number in range(7)]
        self.left = 0
        self.waits: list[float] = []

    def opens(self, now: float) -> float:
        """When the next request may go: of the card first."""
        if not self.left and self.cards and self.cards[0] <= now:
            self.left = CARD
        if not self.left:
            opens = self.asked(now, "backfill")
            return min(opens, self.cards[0]) if opens > now and self.cards else opens
        opens = self.asked(now, "on demand")
        if opens <= now:
            if self.left == CARD:
                self.waits.append(now - self.cards.pop(0))
            self.left -= 1
        return opens


LIMITS: dict[str, tuple[Callable[[], Limit], float]] = {
    "rolling, 60 s": (lambda: RollingWindow(300, 60.0), 1.0),
    "rolling, 30 s": (lambda: RollingWindow(120, 30.0), 1.0),
    "fixed, 60 s": (lambda: FixedWindow(300, 60.0, 7.3), 1.0),
    "weighted, 60 s": (lambda: WeightedCounter(300, 60.0, 7.3), 1.0),
    "bucket": (lambda: TokenBucket(5.0, 10), 1.0),
    "slow bucket": (lambda: TokenBucket(0.5, 10), 4.0),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_card_starts_at_once_while_a_backfill_takes_all_there_is(name: str) -> None:
    make, bound = LIMITS[name]
    client = WithCards()
    outcome = run(client, Rules(name=name, regimes=(Regime(since=0.0, limits=(make,)),)), SPAN_S, 3)
    assert len(client.waits) == 7
    # A probe that is refused may keep one waiting.
    assert sorted(client.waits)[-2] <= bound + 0.1, sorted(client.waits)
    assert outcome.share > 0.97


def test_the_room_that_is_kept_costs_little() -> None:
    def taken(lane: Lane) -> Outcome:
        window = Rules(name="w", regimes=(Regime(since=0.0, limits=(lambda: RollingWindow(300, 60.0),)),))
        return run(Backfill(lane), window, 600.0, 5)

    assert taken("backfill").share > taken("on demand").share - 0.01


def test_where_one_at_a_time_is_allowed_no_room_is_kept() -> None:
    one = Rules(name="one", regimes=(Regime(since=0.0, limits=(lambda: RollingWindow(1, 10.0),)),))
    assert run(Backfill(), one, 600.0, 5).share > 0.95


def test_lanes_go_in_their_order_and_nothing_idles() -> None:
    governor, flying = Governor(), []
    while isinstance(leave := governor.ask(1.0), Grant):
        flying.append(leave)
    for lane in LANES[1:]:
        assert isinstance(governor.ask(1.0, lane), WaitUntil)
    for lane in LANES[1:]:
        governor.answered(flying.pop(), 1.1, 200)
        for other in reversed(LANES[LANES.index(lane) + 1 :]):
            assert isinstance(governor.ask(1.1, other), WaitUntil)
        granted = governor.ask(1.1, lane)
        assert isinstance(granted, Grant), lane
        flying.append(granted)
    assert math.isinf(governor.ask(1.1, "backfill").at)  # type: ignore[union-attr]  # it waits for an answer
