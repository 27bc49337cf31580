"""Finds the limits that explain what was seen.

Each refusal bounds the cap of every meter from above (the load was at least the cap), each grant from below.
A meter whose bounds cross is not what the server uses. Where it is known when a refusal opened, a meter must
also foretell that moment. Of those that are left the simplest is believed, until it is surprised.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from tunelake.collect.budget.book import Book, Refusal
from tunelake.collect.budget.meters import Fixed, Meter, Rolling, Weighted

ROUND_SECONDS = (1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 12.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 300.0)
BLUR = 0.01
NEARLY = 0.05
SAMPLED_GRANTS = 200
REFUSALS_LOOKED_AT = 6
JITTER_S = 0.12
SHORTEST_S = 0.5
LONGEST_S = 400.0
GREATEST_MISS_S = 20.0
BELIEVED_BELOW = 0.4


class Limit(msgspec.Struct, kw_only=True):
    """A meter and its cap.

    Attributes:
        refused_too: Refused requests are counted as well.
        doubt: Seconds by which it fails to foretell when it opens, on the average.
    """

    meter: Meter
    cap: int
    refused_too: bool = False
    doubt: float = 0.0

    def counted(self, book: Book) -> list[float]:
        """The moments that this limit counts."""
        return book.answers if self.refused_too else book.grants

    def load(self, book: Book, at: float) -> float:
        """What is counted just before `at`."""
        return self.meter.load(self.counted(book), at)

    def met(self, book: Book, at: float, reach: int) -> bool:
        """Whether a request at `at` went as far beyond the cap as it reached."""
        # A weighted load has faded a little between sending and deciding.
        blur = max(1.0, BLUR * self.cap) if isinstance(self.meter, Weighted) else 0.0
        return self.load(book, at) >= self.cap + reach - 1 - blur

    def fills(self, book: Book, at: float) -> bool:
        """Whether it was full, or nearly so, at a moment."""
        return self.load(book, at) >= (1 - NEARLY) * self.cap - 1

    def opens(self, book: Book, reach: int, now: float, late: float) -> float:
        """When the next request may go; infinite when only an answer can tell."""
        return self.meter.opens(self.counted(book), self.cap + reach - len(book.flying), now, late)


def explain(book: Book, since: float, refusals: list[Refusal]) -> Limit | None:
    """The simplest limit that explains these refusals by what was seen from `since` on."""
    refusals = refusals[-REFUSALS_LOOKED_AT:]
    found: list[Limit] = []
    for refused_too in (False, True):
        counted = book.since(since, refused_too=refused_too)
        grants = book.since(since, refused_too=False)
        if not refusals or not grants:
            continue
        for meter in _meters(grants, counted, refusals):
            limit = judge(meter, grants, counted, refusals)
            if limit and limit.doubt < BELIEVED_BELOW:
                limit.refused_too = refused_too
                found.append(limit)
    return min(found, key=_rank, default=None)


def _rank(limit: Limit) -> tuple[float, float, float, float]:
    """What fits; then what is simple; then what lets through most, for too little would never be noticed."""
    order = (Rolling, Fixed, Weighted).index(type(limit.meter))
    odd = 0.0 if limit.meter.seconds in ROUND_SECONDS else 0.5
    return (round(limit.doubt * 5), order + odd, -limit.cap / limit.meter.seconds, limit.doubt)


def judge(meter: Meter, grants: list[float], counted: list[float], refusals: list[Refusal]) -> Limit | None:
    """Bound the cap by what was seen; None when the bounds cross."""
    met = sorted(meter.load(counted, r.at) for r in refusals)
    most = met[0]
    if most < 1:
        return None
    slack = 1 + 0.02 * most
    step = max(1, len(grants) // SAMPLED_GRANTS)
    near = [bisect_left(grants, r.at) - 1 for r in refusals]
    looked_at = {*range(len(grants) - 1, 0, -step), *(n for n in near if n > 0)}
    least = max((meter.load(counted, grants[n]) + 1 for n in looked_at), default=1.0)
    if least > most + slack:
        return None
    # Where jitter blurs the bounds, the greater of the possible caps: too small a cap would never be noticed.
    cap = int(max(most, min(least, met[len(met) // 2])) + 0.5)
    misses = [_miss(meter, counted, cap, r) for r in refusals if r.told]
    doubt = max(0.0, least - most) / slack * JITTER_S + (sum(misses) / len(misses) if misses else 0.0)
    return Limit(meter=meter, cap=cap, doubt=doubt)


def _miss(meter: Meter, counted: list[float], cap: int, refusal: Refusal) -> float:
    """Seconds by which a meter fails to foretell when it opens."""
    foretold = meter.opens(counted, cap, refusal.at)
    early, late = refusal.opens_from - foretold - JITTER_S, foretold - refusal.opens_to - JITTER_S
    return min(GREATEST_MISS_S, max(0.0, early, late))


def _meters(grants: list[float], counted: list[float], refusals: list[Refusal]) -> Iterator[Meter]:
    """The meters worth a look: round lengths, and those that the moments themselves suggest."""
    told = [r for r in refusals if r.told]
    seconds = [*ROUND_SECONDS, *sorted(s for s in set(_lengths(grants, told)) if SHORTEST_S < s < LONGEST_S)]
    yield from (Rolling(seconds=s) for s in seconds)
    yield from (Fixed(seconds=s, phase=_phase(told, s)) for s in seconds if told)
    yield from _weighted(counted, told)


def _lengths(grants: list[float], told: list[Refusal]) -> Iterator[float]:
    """Spans from where a window may have begun to where it ended."""
    ends = [_middle(r) for r in told]
    starts = [grants[0], *[b for a, b in pairwise(grants) if b - a > 1.0][-4:]]
    yield from (end - start for end in ends for start in starts)
    yield from (b - a for a, b in pairwise(ends))
    if len(ends) > 1:
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


def _weighted(counted: list[float], told: list[Refusal]) -> Iterator[Meter]:
    """Two counters, both of whose spans end after a refusal that met a full one and nothing before it."""
    for place, first in enumerate(told[:3]):
        end = _middle(first)
        met = bisect_left(counted, first.at)
        full = met - bisect_left(counted, first.at - LONGEST_S)
        if not full:
            continue
        slopes = [
            (_middle(later) - end) * full / count
            for later in told[place + 1 :]
            if (count := bisect_left(counted, later.at) - met) > 0
        ]
        fitting = [s for s in (*ROUND_SECONDS, *slopes) if end - first.at < s < LONGEST_S]
        for moment in {first.opens_from, end, first.opens_to}:
            yield from (Weighted(seconds=s, phase=moment - s / full) for s in fitting)
