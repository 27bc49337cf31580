"""A server that answers at once and tells waits in whole seconds: a refusal is met by one, not by many."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import pytest

from tunelake.collect.budget.clocked import WINDOW, Clocked
from tunelake.collect.budget.governor import Governor, Grant, WaitUntil
from tunelake.collect.budget.sim import family
from tunelake.collect.budget.sim.limits import FixedWindow, Limit, RollingWindow, TokenBucket
from tunelake.collect.budget.sim.server import Regime, Rules, Telling
from tunelake.collect.budget.sim.world import run
from tunelake.collect.budget.throttle import LONGEST_BACKOFF_S, Throttle

QUICK_S = (0.001, 0.005)


class Watched(Throttle):
    """Counts how many were in flight at once since the first refusal."""

    most: int = 0

    def sent(self, now: float) -> int:
        number = super().sent(now)
        if self.book.refused:
            self.most = max(self.most, len(self.book.flying))
        return number


def quick(make: Callable[[], Limit]) -> Rules:
    return Rules(name="quick", regimes=(Regime(since=0, limits=(make,)),), latency=QUICK_S)


@pytest.mark.parametrize("workers", [16, 64], ids=["one process", "four processes"])
def test_a_quick_bucket_draws_no_storm(workers: int) -> None:
    throttle = Watched()
    outcome = run(throttle, quick(partial(TokenBucket, 30.0, 20)), 120, 1, workers=workers)
    assert outcome.waste < 0.04
    assert outcome.share > 0.8
    assert throttle.most <= 3


@pytest.mark.parametrize(
    "make", [partial(RollingWindow, 60, 2.0), partial(FixedWindow, 60, 2.0, 0.7)], ids=["rolling", "fixed"]
)
def test_a_short_window_that_fills_at_once_is_seen_as_one(make: Callable[[], Limit]) -> None:
    outcome = run(Throttle(), quick(make), 12, 1, workers=16)
    assert outcome.share > 0.9
    assert outcome.waste < 0.05


@pytest.mark.parametrize("seconds", [2.0, 3.0])
@pytest.mark.parametrize("telling", ["exact", "whole"])
def test_a_short_window_is_no_slow_bucket_though_answers_take_a_while(
    seconds: float, telling: Telling
) -> None:
    window = quick(partial(RollingWindow, int(10 * seconds), seconds))
    outcome = run(
        Throttle(), msgspec.structs.replace(window, telling=telling, latency=(0.03, 0.04)), 60, 3, workers=8
    )
    assert outcome.share > 0.95
    assert outcome.waste < 0.01


def test_the_first_request_of_all_is_refused_and_waits_as_long_as_told() -> None:
    governor = Governor()
    leave = governor.ask(100.0)
    assert isinstance(leave, Grant)
    governor.answered(leave, 100.002, 429, 2.0)
    waits = governor.ask(100.01)
    assert isinstance(waits, WaitUntil)
    assert waits.at == pytest.approx(102.002)
    assert isinstance(governor.ask(102.003), Grant)
    assert isinstance(governor.ask(102.003), WaitUntil), "one, until it is answered"


@pytest.mark.parametrize(
    ("draw", "seed"), [(family.static, 50_006), (family.warm_window, 50_015)], ids=["fixed", "weighted"]
)
def test_a_hypothesis_that_draws_refusals_without_end_is_dropped(
    draw: Callable[[int], Rules], seed: int
) -> None:
    throttle = Throttle()
    outcome = run(throttle, draw(seed), 3600, seed)
    assert throttle.falls
    assert outcome.waste < 0.04
    assert outcome.share > 0.8


def test_a_pace_without_hypothesis_falls_by_a_quarter_and_rises_slowly() -> None:
    clocked = Clocked.after([float(at) for at in range(40, 100)], 100.0)
    assert clocked.rate == pytest.approx(0.75)
    clocked.spend(100.0)
    assert clocked.opens(100.0) == pytest.approx(100.0 + 1 / 0.75)
    clocked.refuse()
    assert clocked.rate == pytest.approx(0.75 * 0.75)
    for _ in range(WINDOW):
        clocked.grant()
    assert 0.75 * 0.75 < clocked.rate < 0.75 * 0.75 * 1.05
    for _ in range(40 * WINDOW):
        clocked.grant()
    assert clocked.rate > 5, "nothing is refused, so there is much more"


def test_refusals_without_end_that_tell_no_wait_are_met_once_a_minute_for_ever() -> None:
    throttle, now = Throttle(), 0.0
    for _ in range(1100):
        now = max(now, throttle.opens(now))
        throttle.heard(throttle.sent(now), now + 0.1, None, granted=False)
    assert throttle.opens(now + 0.1) == pytest.approx(now + 0.1 + LONGEST_BACKOFF_S)
