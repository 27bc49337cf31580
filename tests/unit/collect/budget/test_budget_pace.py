"""The pace where a bucket is thought to be behind the limit."""

from __future__ import annotations

from tunelake.collect.budget.pace import MOST_TIMES, Pace


def test_a_pace_that_is_never_refused_grows_to_its_bound_and_stays_there() -> None:
    pace = Pace(low=1, high=1, growing=True)
    speeds = []
    for number in range(20_000):
        pace.spend(number / 100)
        speeds.append(pace.speed)
    assert speeds == sorted(speeds)
    assert speeds[-1] == MOST_TIMES * pace.rate
