"""Which limits to believe in, after a surprise: the simplest that explain it."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec

from tunelake.collect.budget.book import Book, Refusal
from tunelake.collect.budget.candidates import ROUND_SECONDS
from tunelake.collect.budget.learn import Limit, evidence, explain, pair, weighted
from tunelake.collect.budget.meters import Meter
from tunelake.collect.budget.pace import Pace

JITTER_S = 0.1
SHORT_WINDOW_S = 4.0
LONGEST_DEBT_S = 5.0
TOKENS_OF_ONE = 2.0
FEW_TOKENS = 2.5
SHORT_WAIT_S = 0.9
LATELY_S = 30.0
MUCH_LESS = 0.1
BLUR = 1.5
LEAST_SPAN_S = 0.2
MANY = 10
PAUSE_S = 1.0
QUICK_S = 0.03
WIDEST = 20.0
LONGEST_BURST_S = 120.0


class Belief(msgspec.Struct, kw_only=True):
    """Windows that all hold, or a bucket."""

    limits: list[Limit] = []
    pace: Pace | None = None


def believe(
    book: Book, known: list[Refusal], era: float, likely: Meter | None, *, changed: bool = False
) -> Belief | None:
    """What explains these refusals, the first of which began the era; None when nothing does.

    Args:
        book: All that was seen.
        known: Refusals to be explained.
        era: Since when the limits hold that are looked for.
        likely: A meter that was right before.
        changed: What was believed had held for long, so that the limits may be others now.
    """
    seen = evidence(book, known, -math.inf)
    shortest = SHORT_WINDOW_S if _rather(book, known) or not _at_once(book, known[0].at) else 0.0
    windows = [
        one
        for one in _windows(book, known, era, likely)
        if one.meter.seconds >= shortest or _filled(book, known, one)
    ]
    if changed:
        limits = windows or weighted(seen) or pair(seen)
        return Belief(limits=limits) if limits else None
    bucket = _bucket(book, known, era)
    if bucket and (not windows or _rather(book, known)):
        return Belief(pace=bucket)
    limits = windows or weighted(seen) or pair(seen)
    return Belief(limits=limits) if limits else None


def _at_once(book: Book, until: float) -> bool:
    """Whether so many were granted so fast that no bucket makes one wait this long."""
    grants = [at for at in book.since(until - LATELY_S) if at <= until]
    return len(grants) >= MANY and book.latency < QUICK_S


def _filled(book: Book, known: list[Refusal], limit: Limit) -> bool:
    """Whether a short window is met by what filled it from its beginning on, as no bucket is met."""
    first, seconds = known[0], limit.meter.seconds
    if seconds not in ROUND_SECONDS or _rather(book, known):
        return False
    began = first.opens_from - seconds - JITTER_S
    lately = [at for at in book.since(began - PAUSE_S) if at <= first.at]
    return len(lately) >= MANY and lately[0] >= began


def _rather(book: Book, known: list[Refusal]) -> bool:
    """Whether to try the bucket first: a window is hardly ever met just before it opens."""
    first = known[0].at
    got = _fastest([at for at in book.since(first - LATELY_S) if at <= first] or [first], first)
    return all(r.opens_from - r.at <= max(SHORT_WAIT_S, FEW_TOKENS / got) for r in known)


def _windows(book: Book, known: list[Refusal], era: float, likely: Meter | None) -> list[Limit]:
    """One window; in a new era it counts from a moment that its own length tells."""
    cold = explain(evidence(book, known, -math.inf), likely)
    if cold or math.isinf(era) or not known[0].told:
        return cold
    opened = (known[0].opens_from + known[0].opens_to) / 2
    lengths = {*ROUND_SECONDS, *([likely.seconds] if likely else [])}
    found: list[tuple[bool, float, list[Limit]]] = []
    for seconds in sorted(lengths):
        since = opened - seconds - JITTER_S
        if since < known[0].at and seconds > opened - known[0].at:
            limits = explain(evidence(book, known, since), likely)
            if limits:
                same = likely is not None and limits[0].meter.seconds == likely.seconds
                found.append((not same, -limits[0].cap / limits[0].meter.seconds, limits))
    return min(found, key=lambda one: one[:2])[2] if found else []


def _bucket(book: Book, known: list[Refusal], era: float) -> Pace | None:
    """A bucket whose rate lies between the bounds that the refusals set."""
    first = known[0]
    grants = [at for at in book.grants if at <= first.at and (at >= era or math.isinf(era))] or [first.at]
    span = max(LEAST_SPAN_S, first.at - grants[0])
    cold = math.isinf(era)
    high = _fastest(grants, first.at) if cold else math.inf
    opened = max((r.opens_to for r in book.refusals if r.at < first.at), default=-math.inf)
    if -math.inf < opened < first.at:
        span = max(LEAST_SPAN_S, first.at - opened)
        high = min(high, (len(book.since(opened)) + BLUR) / span)
    for refusal in known:
        wait = refusal.opens_from - refusal.at - JITTER_S
        tokens = TOKENS_OF_ONE if refusal.in_advance else 2 * TOKENS_OF_ONE
        if wait > 0:
            high = min(high, tokens / wait)
    low = 0.0
    for before, after in pairwise(known):
        between = sum(before.at < at < after.at for at in book.grants)
        low = max(low, (between - BLUR) / max(LEAST_SPAN_S, after.at - before.at))
    if max(r.opens_from - r.at for r in known) > SHORT_WAIT_S and high < MUCH_LESS * _lately(book, first.at):
        return None
    if low > high or max(r.shut_for for r in known) > LONGEST_DEBT_S:
        return None
    if math.isinf(high):
        high = max(2 * low, 1.0, _lately(book, known[-1].at) * 2)
    if cold and len(grants) / high > LONGEST_BURST_S:
        return None
    return Pace(
        low=max(low, high / WIDEST),
        high=high,
        first_span=span if cold else 0.0,
        first_count=len(grants) if cold else 0,
    )


def _fastest(grants: list[float], until: float) -> float:
    """The greatest rate that was got up to a moment, over long and short spans."""
    parts = [grants[-max(1, len(grants) // part) :] for part in (1, 2, 4)]
    return max(len(part) / max(LEAST_SPAN_S, until - part[0]) for part in parts)


def _lately(book: Book, now: float) -> float:
    """Requests a second that were granted in the last half minute."""
    return len(book.since(now - LATELY_S)) / LATELY_S
