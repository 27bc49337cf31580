"""Finds the limits that explain what was seen.

A limit is a meter and a cap. Each refusal says that the load had reached the cap, each grant that it had not,
and where it is known when a refusal opened, the meter must have foretold that moment. A meter whose bounds
cross is not what the server uses. Of those that are left the simplest is believed, and of equally simple ones
the most generous: an error on that side costs one refusal, on the other it would never be noticed.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from tunelake.collect.budget.book import Book, Refusal
from tunelake.collect.budget.candidates import ROUND_SECONDS, simple_meters, weighted_meters
from tunelake.collect.budget.meters import Fixed, Meter, Rolling, Weighted

JITTER_S = 0.1
SLACK = 0.01
SAMPLED_GRANTS = 30
REFUSALS_LOOKED_AT = 6
TOLD_LOOKED_AT = 16
GREATEST_MISS_S = 20.0
BELIEVED_BELOW = 0.3
ODD = 1.5
ROUNDING = 1e-6
SHORT_PART = 0.4
TO_WEIGH = 3
FADED = 1
"""By how much the load of a weighted counter may fall between leave and decision."""
CARD, CARD_OF = 5, 60
"""Requests that a card takes, and of how many such a part is kept for it at most."""
SOON_S, SLOTS = 1.0, 2
TICK_KEEPS = 0.05


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

    def load(self, book: Book, at: float) -> float:
        """What is counted just before `at`."""
        return self.meter.load(book.counted(refused_too=self.refused_too), at)

    def exceeded(self, book: Book, at: float, reach: int) -> bool:
        """Whether a request at `at` went as far beyond the cap as it reached."""
        faded = FADED if isinstance(self.meter, Weighted) else 0
        return self.load(book, at) >= self.cap + reach - 1 - faded

    def room(self, book: Book, now: float) -> float:
        """How many requests still fit."""
        return self.cap - self.load(book, now) - len(book.flying)

    def fills(self, book: Book, at: float) -> bool:
        """Whether it was full, as far as one can tell, at a moment."""
        counted = book.counted(refused_too=self.refused_too)
        return _blurred(self.meter, counted, at)[1] >= (1 - SLACK) * self.cap - 0.5

    def opens(self, book: Book, reach: int, now: float, late: float) -> float:
        """When the next request may go; infinite when only an answer can tell."""
        counted = book.counted(refused_too=self.refused_too)
        return self.meter.opens(counted, self.cap + reach - len(book.flying), now, late)

    def spares(self, book: Book, reach: int, now: float, late: float) -> float:
        """When the next may go that nobody waits for: who comes then finds room for a card, or soon."""
        counted = book.counted(refused_too=self.refused_too)
        card = min(CARD, max(1, self.cap // CARD_OF), self.cap - 1)
        soon = max(SOON_S, SLOTS * self.meter.seconds / self.cap)
        room = self.cap + reach - len(book.flying)
        if not isinstance(self.meter, Fixed):
            return self.meter.opens(counted, room - card, now, late) - soon
        # Nothing comes free before the tick: more is kept, which shrinks until then, so nothing is lost.
        kept = TICK_KEEPS * self.cap * self.meter.left(now - late) / self.meter.seconds
        opens = self.meter.opens(counted, room - max(card, int(kept)), now, late) - soon
        return min(opens, now + self.meter.seconds / (TICK_KEEPS * self.cap)) if opens > now else opens


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of the limits in question.

    Attributes:
        grants: Moments of the granted requests.
        answers: Moments of the granted and the refused ones.
        refusals: Refusals that each say the load had reached the cap.
        told: Refusals of which it is known when they opened, those of one overshoot among them.
    """

    grants: list[float]
    answers: list[float]
    refusals: list[Refusal]
    told: list[Refusal]

    def only(self, refusals: list[Refusal]) -> Evidence:
        """The same with fewer refusals."""
        moments = {refusal.at for refusal in refusals}
        told = [r for r in self.told if r.at in moments]
        return Evidence(grants=self.grants, answers=self.answers, refusals=refusals, told=told)


def evidence(book: Book, refusals: list[Refusal], since: float) -> Evidence:
    """What the book says from a moment on, if these refusals are to be explained."""
    first = refusals[0].at if refusals else math.inf
    return Evidence(
        grants=book.since(since),
        answers=book.since(since, refused_too=True),
        refusals=refusals[-REFUSALS_LOOKED_AT:],
        told=[r for r in book.refusals if r.told and r.at >= first][-TOLD_LOOKED_AT:],
    )


def explain(seen: Evidence, likely: Meter | None = None) -> list[Limit]:
    """The simplest limits that explain what was seen, all of which hold; none when nothing does.

    Args:
        seen: What was seen.
        likely: A meter that was right before.
    """
    if not seen.refusals or not seen.grants:
        return []
    meters = simple_meters(seen.grants, seen.refusals)
    one = best(seen, [*meters, likely] if likely else meters, likely)
    return [one] if one else []


def best(seen: Evidence, meters: Sequence[Meter], likely: Meter | None = None) -> Limit | None:
    """The meter that explains everything with the least ado."""
    found: list[Limit] = []
    for refused_too in (False, True):
        for meter in meters:
            limit = judge(meter, seen, refused_too=refused_too)
            if limit and limit.doubt < BELIEVED_BELOW:
                found.append(limit)
    return min(found, key=lambda limit: _rank(limit, likely), default=None)


def weighted(seen: Evidence) -> list[Limit]:
    """A counter that weighs its last span, if one explains everything."""
    if len(seen.refusals) < TO_WEIGH:
        return []
    limit = best(seen, [*weighted_meters(seen.grants, seen.refusals)])
    return [limit] if limit else []


def pair(seen: Evidence) -> list[Limit]:
    """Two limits at once: one explains the long waits, the other those that are left."""
    longest = max((r.shut_for for r in seen.refusals), default=0.0)
    long = [r for r in seen.refusals if r.shut_for > SHORT_PART * longest]
    for some in (long, seen.refusals[-1:]):
        first = explain(seen.only(some))
        if first and isinstance(first[0].meter, Rolling | Fixed):
            rest = [r for r in seen.refusals if not full(first[0], seen, r.at)]
            second = explain(seen.only(rest))
            if second and second[0].meter.seconds != first[0].meter.seconds:
                return [*first, *second]
    return []


def full(limit: Limit, seen: Evidence, at: float) -> bool:
    """Whether a limit was full at a moment."""
    counted = seen.answers if limit.refused_too else seen.grants
    return _blurred(limit.meter, counted, at)[1] >= (1 - SLACK) * limit.cap - 0.5


def judge(meter: Meter, seen: Evidence, *, refused_too: bool) -> Limit | None:
    """Bound the cap by what was seen; None when the bounds cross."""
    counted = seen.answers if refused_too else seen.grants
    loads = [_blurred(meter, counted, r.at) for r in seen.refusals]
    most = math.ceil(min(high for _, high in loads) - ROUNDING)
    limit = most + 1.5 + SLACK * most
    # Refused requests that are counted drive the load beyond the cap; else nothing does.
    if most < 1 or (not refused_too and max(low for low, _ in loads) > limit):
        return None
    least = _least(meter, seen, counted, limit)
    if least > limit:
        return None
    cap = max(most, int(least))
    misses = [_miss(meter, counted, cap, r) for r in seen.told]
    return Limit(
        meter=meter,
        cap=cap,
        refused_too=refused_too,
        doubt=sum(misses) / len(misses) if misses else 0.0,
    )


def _blurred(meter: Meter, counted: list[float], at: float) -> tuple[float, float]:
    """The least and the greatest load about a moment, which is known only so well."""
    loads = [meter.load(counted, at + off) for off in (-JITTER_S, 0.0, JITTER_S)]
    return min(loads), max(loads)


def _least(meter: Meter, seen: Evidence, counted: list[float], enough: float) -> float:
    """The cap that the grants prove."""
    grants = seen.grants
    step = max(1, len(grants) // SAMPLED_GRANTS)
    near = [bisect_left(grants, r.at) - 1 for r in seen.refusals]
    least = 1.0
    for place in (*(n for n in near if n > 0), *range(len(grants) - 1, 0, -step)):
        low, _ = _blurred(meter, counted, grants[place])
        least = max(least, math.ceil(low + 1 - ROUNDING))
        if least > enough:
            break
    return least


def _miss(meter: Meter, counted: list[float], cap: int, refusal: Refusal) -> float:
    """Seconds by which a meter fails to foretell when it opens."""
    misses = []
    for off in (ROUNDING, JITTER_S):
        foretold = meter.opens(counted, cap, refusal.at + off)
        early, late = refusal.opens_from - foretold - JITTER_S, foretold - refusal.opens_to - JITTER_S
        misses.append(min(GREATEST_MISS_S, max(0.0, early, late)))
    return min(misses)


def _rank(limit: Limit, likely: Meter | None) -> tuple[float, float, float]:
    kind = (Rolling, Fixed, Weighted).index(type(limit.meter))
    odd = 0.0 if limit.meter.seconds in ROUND_SECONDS else ODD
    known = (
        -ODD if likely and type(likely) is type(limit.meter) and likely.seconds == limit.meter.seconds else 0
    )
    fit = round(limit.doubt * 5)
    return (fit + kind + odd + known + limit.refused_too, -limit.cap / limit.meter.seconds, limit.doubt)
