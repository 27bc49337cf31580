"""When may the next request go: what is believed of the limits, put to use.

Four states of mind: nothing known (explore, few in flight), windows (up to the cap, and not before they
open), a bucket (by its pace), and shut (a refusal told how long, or a wait of our own where it did not).
"""

from __future__ import annotations

import math

import msgspec

from tunelake.collect.budget.book import Book, Refusal
from tunelake.collect.budget.learn import Limit, explain
from tunelake.collect.budget.meters import Weighted
from tunelake.collect.budget.pace import Anchor, Pace

EXPLORERS = 3
GRANTS_PER_EXPLORER = 60
FIRST_BACKOFF_S = 0.25
LONGEST_BACKOFF_S = 60.0
SHORT_PATIENCE = 150
UNSURE_S = 15.0
FIRST_PATIENCE = 400
LONGEST_PATIENCE = 900
LONGEST_DEBT_S = 5.0
TOKENS_FOR_ONE = 2.0
BURST_ADDS = 2.5
BUCKET_SHOWS_S = 2.5
FIRST_MARGIN_S = 0.12
FIRST_STEP_S = 0.15
LEAST_STEP_S = 0.03
MOST_LATE = 2
SLACK_S = 0.3
MOST_LIMITS = 3
CERTAIN = 0.2
SHORTEST_SPAN_S = 0.2
GRANTS_PER_TRUST = 15
NEAR_S = 0.6


class Throttle(msgspec.Struct, kw_only=True):
    """The mind of the governor about one server.

    Attributes:
        limits: Windows that all hold; empty when none is known.
        pace: The bucket, when it is one.
        shut: Nothing goes before this moment.
        margin: Seconds to wait beyond the moment a window is thought to open.
        step: By how much the margin is moved next.
        since: Evidence before this moment is of other limits.
        backoffs: Refusals in a row that told no wait.
        quiet: Grants since the last probe or refusal.
        patience: Grants until the next probe.
        unsure_s: Seconds until the next probe of a limit that may be wrong; 0 when it is trusted.
        reach: By how much the cap is exceeded, to see whether it has grown.
        late: Refusals that were explained by too small a margin.
        wary: One at a time, until the first grant after a refusal.
        pending: A refusal that told no wait, to be understood when it opens.
    """

    book: Book = msgspec.field(default_factory=Book)
    limits: list[Limit] = []
    pace: Pace | None = None
    shut: float = -math.inf
    margin: float = FIRST_MARGIN_S
    step: float = FIRST_STEP_S
    since: float = -math.inf
    backoffs: int = 0
    quiet: int = 0
    patience: int = FIRST_PATIENCE
    unsure_s: float = 0.0
    reach: int = 0
    late: int = 0
    wary: bool = False
    pending: Refusal | None = None

    def restarted(self) -> Throttle:
        """The same mind in another process: what was in flight is lost, and may have been counted."""
        kept = msgspec.convert(msgspec.to_builtins(self), Throttle)
        kept.book.flying.clear()
        kept.quiet, kept.wary = 0, False
        return kept

    def opens(self, now: float) -> float:
        """When the next request may go; infinite when only an answer can tell."""
        if now < self.shut:
            return self.shut
        if len(self.book.flying) >= self._most_flying():
            return math.inf
        if self.pending:
            return now if not self.book.flying else math.inf
        if self.pace:
            return self.pace.opens(now)
        return max(
            (limit.opens(self.book, self.reach, now, self.margin) for limit in self.limits), default=now
        )

    def _most_flying(self) -> float:
        if self.wary:
            return 1
        if self.limits:
            return EXPLORERS + self.quiet // GRANTS_PER_TRUST if not self.reach else EXPLORERS
        if self.pace:
            return math.inf if self.pace.doubt < CERTAIN else 1 + self.pace.rate * CERTAIN
        return EXPLORERS + self.book.granted // GRANTS_PER_EXPLORER

    def sent(self, now: float) -> int:
        """Note a request that goes."""
        if self.pace:
            self.pace.spend(now)
        return self.book.send(now)

    def lost(self, number: int) -> None:
        """Note that nothing is known of a request, or nothing that tells of the rate."""
        self.book.flying.pop(number, None)
        self._understand()

    def heard(self, number: int, now: float, retry_after: float | None, *, granted: bool) -> None:
        """Take an answer."""
        if granted:
            self._granted(number, now)
        else:
            refusal = self.book.refuse(number, now, retry_after)
            self._shut(refusal, now, retry_after)
            self.wary = True
            if refusal.fresh:
                self.pending = refusal
        self._understand()

    def _understand(self) -> None:
        """Learn from the refusal that waits; what was in flight then belongs to the evidence."""
        if self.pending and self.pending.told and not self.book.flying:
            refusal, self.pending = self.pending, None
            self._refused(refusal)

    def _granted(self, number: int, now: float) -> None:
        reopened = self.book.flying[number] >= self.shut
        at = self.book.grant(number, now)
        self.quiet += 1
        if reopened:
            self.wary, self.backoffs = False, 0
        impatient = self.unsure_s > 0 and now - self.book.heard_refusal > self.unsure_s
        if self.limits and not self.reach and (self.quiet >= self.patience or impatient):
            self.reach = 1
        elif self.reach and any(limit.met(self.book, at, self.reach) for limit in self.limits):
            self._grown()

    def _grown(self) -> None:
        """The cap was exceeded and nothing happened: it is greater, so reach further."""
        for limit in self.limits:
            limit.cap += self.reach
        self.reach *= 2

    def _shut(self, refusal: Refusal, now: float, retry_after: float | None) -> None:
        if retry_after is not None:
            self.shut = max(self.shut, now + retry_after)
        elif refusal.fresh or now >= self.shut:
            wait = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2.0**self.backoffs)
            self.backoffs += 1
            self.shut = now + wait

    def _refused(self, refusal: Refusal) -> None:
        self.quiet = 0
        if self.pace:
            self._bucket_refused(self.pace, refusal)
        elif self.limits:
            self._window_refused(refusal)
        elif self._like_a_bucket(refusal):
            self._try_bucket(refusal)
        else:
            self._refit(refusal)

    def _like_a_bucket(self, refusal: Refusal) -> bool:
        """Whether the wait is one for tokens: a slow bucket lets little through, a window much."""
        if not refusal.in_advance:
            return refusal.shut_for < BUCKET_SHOWS_S
        if refusal.shut_for <= 0:
            return True
        grants = self.book.since(self.since, refused_too=False) or [refusal.at]
        got = len(grants) / (refusal.opens_to - grants[0])
        owed = self.book.refused - refusal.place
        return (
            refusal.shut_for < LONGEST_DEBT_S and got < BURST_ADDS * TOKENS_FOR_ONE * owed / refusal.shut_for
        )

    def _try_bucket(self, refusal: Refusal) -> None:
        grants = self.book.since(self.since, refused_too=False) or [refusal.at - 1]
        span = max(SHORTEST_SPAN_S, refusal.at - grants[0])
        high = len(grants) / span
        if refusal.in_advance and refusal.shut_for > 0:
            high = min(high, TOKENS_FOR_ONE * (self.book.refused - refusal.place) / refusal.shut_for)
        self.limits = []
        self.pace = Pace(low=high / 20, high=high, first_span=span, first_count=len(grants))
        self._empty(self.pace, refusal)

    def _bucket_refused(self, pace: Pace, refusal: Refusal) -> None:
        # A refused request may take a token too, so each adds to the debt; and our own waits double.
        owed = (2 + self.book.refused - refusal.place) * (1 if refusal.in_advance else 2)
        if refusal.shut_for > owed / pace.rate + SLACK_S:
            self.pace = None
            self._refit(refusal)
        else:
            self._empty(pace, refusal)

    def _empty(self, pace: Pace, refusal: Refusal) -> None:
        anchor = Anchor(refusal.at, self.book.granted, refusal.place, self.shut)
        pace.emptied(anchor, len(self.book.flying))

    def _window_refused(self, refusal: Refusal) -> None:
        if self.reach:
            self.reach = 0
            self.patience = min(2 * self.patience, LONGEST_PATIENCE)
            self.unsure_s *= 2
        elif (
            refusal.shut_for < NEAR_S and self.late < MOST_LATE and self._near(refusal) and not self._other()
        ):
            self.margin += self.step
            self.late += 1
            self.step = max(LEAST_STEP_S, self.step / 2)
        else:
            self._refit(refusal)

    def _other(self) -> bool:
        """Whether a limit of another kind explains all that is known."""
        known = [r for r in self.book.refusals if r.fresh and r.at >= self.since]
        found = explain(self.book, self.since, known)
        return found is not None and type(found.meter) is not type(self.limits[0].meter)

    def _near(self, refusal: Refusal) -> bool:
        """Whether a window was full a moment before, so that the margin alone is to blame."""
        before = refusal.at - self.margin - NEAR_S
        return refusal.shut_for < NEAR_S and any(
            limit.load(self.book, before) >= limit.cap - 1 for limit in self.limits
        )

    def _refit(self, refusal: Refusal) -> None:
        """Find limits that explain this refusal and as much of the past as may be."""
        known = [r for r in self.book.refusals if r.fresh and r.at >= self.since]
        if not self._believe(explain(self.book, self.since, known), self.since) and not self._add(known):
            for past in known[-4:-1]:
                later = [r for r in known if r.at > past.at]
                if len(later) == 1 and refusal.shut_for < NEAR_S:
                    break
                if self._believe(explain(self.book, past.at, later), past.at):
                    return
            self.since = known[-2].at if len(known) > 1 else self.since
            self._try_bucket(refusal)

    def _believe(self, limit: Limit | None, since: float) -> bool:
        if limit is None:
            return False
        self.limits, self.since = [limit], since
        self._calm()
        if isinstance(limit.meter, Weighted):
            self.patience, self.unsure_s = SHORT_PATIENCE, UNSURE_S
        return True

    def _calm(self) -> None:
        self.reach, self.late, self.patience, self.unsure_s = 0, 0, FIRST_PATIENCE, 0.0
        self.margin, self.step = FIRST_MARGIN_S, FIRST_STEP_S

    def _add(self, known: list[Refusal]) -> bool:
        """See whether one more limit beside those that are believed explains the rest."""
        rest = [r for r in known if not any(limit.fills(self.book, r.at) for limit in self.limits)]
        limit = explain(self.book, self.since, rest) if 0 < len(self.limits) < MOST_LIMITS else None
        if limit is None:
            return False
        self.limits.append(limit)
        self._calm()
        return True
