"""A server that answers at once and tells its waits in whole seconds: a refusal is met by one, not by many."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tunelake.collect.budget.sim.limits import Limit, TokenBucket
from tunelake.collect.budget.sim.server import Regime, Rules
from tunelake.collect.budget.sim.world import run
from tunelake.collect.budget.throttle import Throttle

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
