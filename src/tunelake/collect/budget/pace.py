"""A token bucket, learned: tokens come at a rate, and no more than a burst of them is kept.

Between two refusals, when the bucket is as good as empty, the grants tell the rate to one token. So each
stretch between refusals is planned so long that the uncertainty of the rate cannot use up what is held back,
and each refusal makes the next stretch several times longer.
"""

from __future__ import annotations

import math
from bisect import bisect_left

import msgspec

HELD_BACK = 5.0
FIRST_BURST = 10.0
ROUNDING_S = 1e-6
SURE_OF_BURST = 0.8
LONGEST_STRETCH = 330.0
KNOWN_TO = 1.3
DARING = 1.5
SHORTEST_SPAN_S = 0.05
WIDEST = 0.5
VAGUE = 0.2
WIDE = 1.5
HOPE = 1.1
PATIENCE_S = 25.0
RESTED = 3.0
OVERDUE = 1.5
OVERDUE_S = 5.0
FAR = 3.0
ENOUGH = 25
DOUBLES_IN = 15
MOST_TIMES = 64.0
SURPRISES = 6.0
LATE_SPEED = 0.15
LOOSE = 1.15
NEARLY = 1.15
BLURRED = 1.03
MUDDLE = 8.0
LATELY_S = 60.0


class Anchor(msgspec.Struct, frozen=True):
    """A moment when the bucket was empty, the answers up to it, and when asking went on."""

    at: float
    granted: int
    refused: int
    reopened: float


class Pace(msgspec.Struct, kw_only=True):
    """What is known of a bucket, and how full it is thought to be.

    Attributes:
        low: The least rate that the evidence allows, in requests a second.
        high: The greatest.
        burst: The most tokens that are thought to be kept.
        first_span: Seconds from the first request of all, which met a full bucket, to the first refusal.
        first_count: Requests granted in it.
        tokens: In the bucket at `at`.
        stretch: Requests since the bucket was last known to be empty.
        held_back: Tokens left in the bucket, so that an error of the rate does not empty it at once.
        began: When the stretch began.
        planned: Requests until the bucket is emptied on purpose, to measure its rate again.
        anchors: Refusals since which the bucket cannot have run over.
        loose: It is no bucket, but nothing better is known than the rate that it lets through.
        muddled: It has contradicted itself, as counters do that are no buckets: hope for a little more.
        growing: It goes faster and faster, until it is refused.
    """

    low: float
    high: float
    burst: float = FIRST_BURST
    first_span: float = 0.0
    first_count: int = 0
    tokens: float = 0.0
    at: float = 0.0
    stretch: int = 0
    held_back: float = 0.0
    planned: float = 1.0
    began: float = 0.0
    anchors: list[Anchor] = []
    loose: bool = False
    growing: bool = False
    muddled: bool = False

    @classmethod
    def loosely(cls, grants: list[float], now: float) -> Pace:
        """About the rate that was got lately."""
        got = max(0.05, len(grants) - bisect_left(grants, now - LATELY_S)) / LATELY_S
        return cls(low=got / LOOSE, high=got * LOOSE, loose=True)

    @property
    def rate(self) -> float:
        """The middle of what is possible; where that is wide, what was got lately, and a little more."""
        if self.high < WIDE * self.low or len(self.anchors) < 2:  # noqa: PLR2004
            return (self.low + self.high) / 2
        first, last = self.anchors[0], self.anchors[-1]
        got = (last.granted - first.granted) / max(last.at - first.at, SHORTEST_SPAN_S)
        return min(self.high, max(self.low, HOPE * got))

    @property
    def doubt(self) -> float:
        """How uncertain the rate is, as a share of it."""
        return min(WIDEST, (self.high - self.low) / 2 / self.rate)

    def _plan(self) -> None:
        """Plan the next stretch: the middle rate while the doubt allows, then faster until it is empty."""
        if self.doubt < VAGUE and self.first_count:
            self.burst = max(FIRST_BURST, SURE_OF_BURST * (self.first_count - self.high * self.first_span))
        self.held_back = min(HELD_BACK, self.burst / 2.5)
        self.planned = min(LONGEST_STRETCH, DARING * self.held_back / max(self.doubt, 1e-6))

    @property
    def speed(self) -> float:
        """Requests a second for now."""
        if self.growing:
            # The stretch has no end where nothing is refused: its power is bounded before it is taken.
            return self.rate * min(MOST_TIMES, WIDE * math.exp2(min(MOST_TIMES, self.stretch / DOUBLES_IN)))
        late = self.stretch / self.planned
        if self.doubt > VAGUE:
            late = max(late, (self.at - self.began) / PATIENCE_S)
        if late <= 1:
            return self.rate
        if self.doubt > VAGUE:
            overdue = max(0.0, self.stretch / self.planned - OVERDUE)
            surprise = math.exp2(min(SURPRISES, 10 * overdue))
            return self.rate * (1 + (self.doubt + 2 * self.held_back / self.planned) * late) * surprise
        # It is to be emptied now, fast enough to be sure of it and slow enough to be refused only once.
        return self.rate * (1 + LATE_SPEED + 2 * self.doubt)

    def overdue(self, now: float) -> bool:
        """Whether it should be empty by now and is not; then the rate is thought to have grown."""
        if self.growing or now - self.began < OVERDUE_S:
            return False
        if self.doubt > VAGUE:
            late = self.stretch > FAR * self.planned + self.burst
        else:
            to_spare = OVERDUE * (self.held_back * (1 + DARING) + 3) / (LATE_SPEED + 2 * self.doubt)
            late = self.stretch > self.planned + to_spare
        if late:
            self.growing, self.stretch = True, 0
        return late

    @property
    def outgrown(self) -> bool:
        """Whether it has grown indeed."""
        return self.growing and self.stretch > self.burst + ENOUGH

    def fill(self, now: float) -> None:
        """Let tokens come in; after a long rest the bucket is full, and the past says nothing of the rate."""
        if (now - max(self.at, self.began)) * self.rate > RESTED * (self.burst + self.held_back):
            self.anchors = []
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.speed)
        self.at = max(self.at, now)

    def spend(self, now: float) -> None:
        """Take one for a request that goes."""
        self.fill(now)
        self.tokens -= 1
        self.stretch += 1

    def opens(self, now: float) -> float:
        """When a token is to spare."""
        self.fill(now)
        missing = 1 + self.held_back - self.tokens
        wait = missing / self.speed
        return now + wait if wait > ROUNDING_S else now

    def emptied(self, anchor: Anchor, flying: int, blur_s: float = 0.1) -> bool:
        """Learn from a refusal, which says that the bucket was empty; false when that cannot be.

        Args:
            anchor: The refusal.
            flying: Requests in flight now.
            blur_s: Seconds by which the moment of a decision may be off.
        """
        blur = KNOWN_TO + blur_s * self.rate
        for past in self.anchors:
            span, count = anchor.at - past.at, anchor.granted - past.granted
            if span > SHORTEST_SPAN_S:
                self.low = max(self.low, (count - blur) / span)
        for past in self._unspilled():
            span, count = anchor.at - past.at, anchor.granted - past.granted + anchor.refused - past.refused
            if span > SHORTEST_SPAN_S:
                self.high = min(self.high, (count + blur + MUDDLE * self.muddled) / span)
        self._bound_spilled(anchor, blur)
        agrees = self.low <= self.high
        self.muddled = self.muddled or not agrees
        if self.low > NEARLY * self.high:
            self._forget(anchor)
        elif self.low > self.high:
            self.low, self.high = self.high, self.low * BLURRED
            self.anchors = self.anchors[-1:]
        self.anchors = [*self.anchors[-7:], anchor]
        self.tokens, self.at, self.growing = 0.5 - flying, anchor.at, False
        # What came in while it was shut does not show that the rate is greater.
        self.stretch = -int(min(self.burst, self.low * (anchor.reopened - anchor.at)))
        self.began = anchor.reopened
        self._plan()
        return agrees

    def _spills(self, anchor: Anchor) -> bool:
        """Whether the bucket may have run over while nothing was sent."""
        return (anchor.reopened - anchor.at) * self.high > self.burst

    def _unspilled(self) -> list[Anchor]:
        """The last refusals since which no token was lost."""
        kept: list[Anchor] = []
        for anchor in reversed(self.anchors):
            if self._spills(anchor):
                break
            kept.append(anchor)
        return kept

    def _bound_spilled(self, anchor: Anchor, blur: float) -> None:
        if not self.anchors or not self._spills(self.anchors[-1]):
            return
        past = self.anchors[-1]
        span, count = anchor.at - past.reopened, anchor.granted - past.granted + anchor.refused - past.refused
        if span > 0:
            # At most a burst was kept while it was shut, or all that came in.
            whole, last = (count + blur) / (anchor.at - past.at), (count + blur - self.burst) / span
            self.high = min(self.high, max(whole, last))

    def _forget(self, anchor: Anchor) -> None:
        """Keep of the past only the last stretch: the rate is another one now."""
        past = self.anchors[-1]
        span, count = max(anchor.at - past.at, 0.05), anchor.granted - past.granted
        self.low = max(0.02, (count - 3 * KNOWN_TO) / span)
        self.high = max((count + self.burst + 3 * KNOWN_TO) / span, self.speed)
        self.anchors = self.anchors[-1:]
