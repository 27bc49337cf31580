"""The meters worth a look: round lengths, and those that the moments themselves suggest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from tunelake.collect.budget.book import Refusal
from tunelake.collect.budget.meters import Fixed, Meter, Rolling, Weighted

ROUND_SECONDS = (1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 12.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 300.0)
SHORTEST_S = 0.8
LONGEST_S = 400.0
PAUSE_S = 1.0
PHASES = 24


def simple_meters(grants: list[float], refusals: list[Refusal]) -> list[Meter]:
    """Rolling and fixed windows."""
    told = [r for r in refusals if r.told]
    seconds = [*ROUND_SECONDS, *sorted(s for s in set(_lengths(grants, told)) if SHORTEST_S < s < LONGEST_S)]
    rolling = [Rolling(seconds=s) for s in seconds]
    return [*rolling, *(Fixed(seconds=s, phase=_phase(told, s)) for s in seconds if told)]


def _lengths(grants: list[float], told: list[Refusal]) -> Iterator[float]:
    """Spans from where a window may have begun to where it ended."""
    ends = [_middle(r) for r in told]
    starts = [grants[0], *[b for a, b in pairwise(grants) if b - a > PAUSE_S][-4:]]
    yield from (end - start for end in ends for start in starts)
    if len(ends) > 1:
        yield from (b - a for a, b in pairwise(ends))
        yield from ((ends[-1] - ends[0]) / parts for parts in range(1, 13))
    if told:
        last = told[-1]
        steps = (part / 8 * (last.opens_to - last.opens_from) for part in range(9))
        yield from (last.opens_from + step - grants[0] for step in steps)


def _middle(refusal: Refusal) -> float:
    return (refusal.opens_from + refusal.opens_to) / 2


def _phase(told: list[Refusal], seconds: float) -> float:
    """The moment of a tick that all refusals agree on, as far as they do."""
    low, high = told[-1].opens_from, told[-1].opens_to
    for refusal in told[:-1]:
        shift = round((_middle(told[-1]) - _middle(refusal)) / seconds) * seconds
        both = max(low, refusal.opens_from + shift), min(high, refusal.opens_to + shift)
        if both[0] < both[1]:
            low, high = both
    return (low + high) / 2


def weighted_meters(counted: list[float], refusals: list[Refusal]) -> Iterator[Meter]:
    """Two counters: their span from the slope between two refusals, their ticks tried one after another."""
    told = [r for r in refusals if r.told]
    seconds = {s for s in ROUND_SECONDS if s > 4}  # noqa: PLR2004  shorter ones are as good as a bucket
    for place, first in enumerate(told[:3]):
        end = _middle(first)
        met = bisect_left(counted, first.at)
        full = met - bisect_left(counted, first.at - LONGEST_S)
        slopes = [
            (_middle(later) - end) * full / count
            for later in told[place + 1 :]
            if (count := bisect_left(counted, later.at) - met) > 0
        ]
        # The first wait of a full counter ends after its tick, by what one request fades in.
        for moment in {first.opens_from, end, first.opens_to} if full else ():
            fitting = (s for s in (*sorted(seconds), *slopes) if end - first.at < s < LONGEST_S)
            for s in fitting:
                yield Weighted(seconds=s, phase=moment - s / full)
    for s in sorted(seconds):
        for part in range(PHASES):
            meter = Weighted(seconds=s, phase=part / PHASES * s)
            if _even(meter, counted, refusals):
                yield from (
                    Weighted(seconds=s, phase=(part + fine / 8) / PHASES * s) for fine in range(-4, 5)
                )


def _even(meter: Meter, counted: list[float], refusals: list[Refusal]) -> bool:
    """Whether its load was about the same at all refusals."""
    loads = [meter.load(counted, r.at) for r in refusals]
    return max(loads) - min(loads) <= 2 + max(loads) / PHASES
