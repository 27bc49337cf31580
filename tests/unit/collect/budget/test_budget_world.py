from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tunelake.collect.budget.sim.limits import FixedWindow, Limit, RollingWindow, TokenBucket, WeightedCounter
from tunelake.collect.budget.sim.server import Regime, Rules, Server
from tunelake.collect.budget.sim.simple import Additive, Naive
from tunelake.collect.budget.sim.world import run
from tunelake.collect.budget.throttle import Throttle

MAKERS: dict[str, Callable[[], Limit]] = {
    "rolling": partial(RollingWindow, 60, 10.0),
    "fixed": partial(FixedWindow, 60, 10.0, 3.0),
    "weighted": partial(WeightedCounter, 60, 10.0, 3.0),
    "bucket": partial(TokenBucket, 6.0, 20),
}


def rules(*makers: Callable[[], Limit], telling: str = "exact") -> Rules:
    return Rules(name="a test", regimes=(Regime(since=0, limits=makers),), telling=telling)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_limit_opens_when_it_says_and_not_before(make: Callable[[], Limit]) -> None:
    limit, now = make(), 0.0
    for _ in range(300):
        wait = limit.wait(now)
        if wait > 1e-6:
            assert limit.wait(now + 0.999 * wait) > 0
        now += wait
        assert limit.wait(now) <= 1e-6
        limit.take(now)


def test_a_refusal_tells_what_the_server_likes_to_tell() -> None:
    told = {}
    for telling in ("exact", "whole", "absent", "long"):
        server = Server(rules(partial(RollingWindow, 1, 4.5), telling=telling))
        assert server.answer(0.0) == (True, None)
        told[telling] = server.answer(1.0)[1]
    assert told == {"exact": 3.5, "whole": 4.0, "absent": None, "long": 12.0}


def test_limits_change_when_their_time_comes() -> None:
    few, many = partial(RollingWindow, 1, 1000.0), partial(RollingWindow, 9, 1000.0)
    regimes = (Regime(since=0, limits=(few,)), Regime(since=50, limits=(many,)))
    server = Server(Rules(name="", regimes=regimes))
    assert [server.answer(at)[0] for at in (0, 1, 49, 51, 52)] == [True, False, False, True, True]


@pytest.mark.parametrize("kind", ["rolling", "fixed", "bucket"])
def test_the_throttle_gets_nearly_all_and_is_hardly_refused(kind: str) -> None:
    outcome = run(Throttle(), rules(MAKERS[kind]), 900, 1)
    assert outcome.share > 0.97
    assert outcome.waste < 0.008
    for common in (Additive(), Naive()):
        other = run(common, rules(MAKERS[kind]), 900, 1)
        assert other.share < outcome.share - 0.02 or other.waste > 2 * outcome.waste


def test_two_windows_at_once_are_both_found() -> None:
    throttle = Throttle()
    both = rules(partial(RollingWindow, 50, 5.0), partial(RollingWindow, 300, 60.0))
    outcome = run(throttle, both, 1200, 1)
    assert outcome.share > 0.97
    assert outcome.waste < 0.01
    assert sorted(one.meter.seconds for one in throttle.limits) == pytest.approx([5, 60], rel=0.02)


@pytest.mark.parametrize(("before", "after"), [(120, 40), (40, 120)], ids=["less", "more"])
def test_a_limit_that_changes_is_learned_anew(before: int, after: int) -> None:
    regimes = tuple(
        Regime(since=since, limits=(partial(RollingWindow, calls, 20.0),))
        for since, calls in ((0, before), (600, after))
    )
    throttle = Throttle()
    changing = Rules(name="", regimes=regimes, telling="exact")
    outcome = run(throttle, changing, 2400, 1)
    assert outcome.waste < 0.01
    assert outcome.share > 0.9
    assert throttle.limits[0].cap == pytest.approx(after, rel=0.1)


def test_the_waits_that_are_told_are_kept() -> None:
    class Watched(Throttle):
        until: float = 0.0

        def sent(self, now: float) -> int:
            assert now >= self.until
            return super().sent(now)

        def heard(self, number: int, now: float, retry_after: float | None, *, granted: bool) -> None:
            super().heard(number, now, retry_after, granted=granted)
            self.until = max(self.until, now + (retry_after or 0))

    assert run(Watched(), rules(MAKERS["rolling"], telling="long"), 300, 1).granted > 100
