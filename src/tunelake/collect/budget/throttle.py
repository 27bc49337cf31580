"""When may the next request go: what is believed of the limits, put to use.

Four states of mind: nothing known (explore, few in flight, since a refusal costs what is in flight), windows
(up to the cap, and not before they open), a bucket (by its pace), and shut (a refusal told how long, or a
wait of our own where it did not). A limit that has held for long and fails begins a new era: what was seen
before does not count any more.
"""

from __future__ import annotations

import math

import msgspec

from tunelake.collect.budget.book import Book, Refusal
from tunelake.collect.budget.clocked import Clocked
from tunelake.collect.budget.hypotheses import Belief, believe
from tunelake.collect.budget.learn import Limit
from tunelake.collect.budget.meters import Fixed, Meter
from tunelake.collect.budget.pace import Anchor, Pace

EXPLORERS = 3
WATCHERS = 2
GRANTS_PER_EXPLORER = 100
LATENCY_S = 0.2
FIRST_BACKOFF_S = 0.25
LONGEST_BACKOFF_S = 60.0
MOST_DOUBLINGS = 8
LONG_HELD = 500
PATIENCE = (500, 1500, 1.5)
PATIENCE_CHANGED = (220, 800, 1.2)
FIRST_MARGIN_S = 0.03
MARGIN_STEP_S = 0.03
MOST_LATE = 4
FREE = 4
BLUR_S = 0.1
GROWN = 1.25
SLACK_S = 0.3
CERTAIN = 0.2
ALLOWANCE = 1.5
TRUSTED = 30
AT_LIMIT = (3, 0.1)
GRANTS_PER_TRUST = 12
ROOM_PER_FLIGHT = 8
NEAR_S = 0.5
PAUSE_S = 1.0
TROUBLE = 8
ENOUGH = 3
COLD, COLD_REFUSED = 300, 60
STORMS = ((100, 12), (400, 20))
FALLEN_FOR = 300


class Throttle(msgspec.Struct, kw_only=True):
    """The mind of the governor about one server.

    Attributes:
        limits: Windows that all hold; empty when none is known.
        pace: The bucket, when it is one.
        shut: Nothing goes before this moment.
        era: Refusals before this moment are of other limits.
        likely: The meter of the era before.
        margin: Seconds to wait beyond the moment a window is thought to open.
        late: Refusals in a row that were explained by too small a margin.
        backoffs: Refusals in a row that told no wait.
        quiet: Grants since the last probe or refusal.
        sure: Grants since the last surprise.
        held: Grants since this era began.
        patience: Grants until the next probe.
        reach: By how much the cap is exceeded, to see whether it has grown.
        trouble: Surprises in a row.
        wary: One at a time, until the first grant after a refusal.
        changed: The limits have been others before, so it is worth while to look more often.
        lately: Whether each of the last answers was a refusal.
        clocked: What is gone by when a hypothesis drew too many refusals.
        falls: How often that was.
        pending: A refusal that is to be understood when all is answered and it is known when it opened.
    """

    book: Book = msgspec.field(default_factory=Book)
    limits: list[Limit] = []
    pace: Pace | None = None
    shut: float = -math.inf
    era: float = -math.inf
    likely: Meter | None = None
    margin: float = FIRST_MARGIN_S
    late: int = 0
    backoffs: int = 0
    quiet: int = 0
    sure: int = 0
    held: int = 0
    patience: int = PATIENCE[0]
    reach: int = 0
    trouble: int = 0
    wary: bool = False
    changed: bool = False
    lately: list[bool] = []
    clocked: Clocked | None = None
    falls: int = 0
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
        if len(self.book.flying) >= self._most_flying(now):
            return math.inf
        if self.pending:
            return now if not self.book.flying else math.inf
        if self.clocked or self.pace:
            return self._paced(now)
        if self.reach >= FREE:
            return now
        return max((one.opens(self.book, self.reach, now, self.margin) for one in self.limits), default=now)

    def spares(self, now: float) -> float:
        """When the next request may go that nobody waits for, so that who comes next does not wait long."""
        if self.clocked or self.pace or self.pending or self.reach >= FREE:
            return now
        return max((one.spares(self.book, self.reach, now, self.margin) for one in self.limits), default=now)

    def _paced(self, now: float) -> float:
        if self.wary and self.book.refusals[-1].in_advance:
            return now  # The wait that was told is enough for one.
        if self.clocked:
            return self.clocked.opens(now)
        return self.pace.opens(now) if self.pace else now

    def _most_flying(self, now: float) -> float:
        if self.wary:
            return 1
        if self.clocked:
            return 1 + self.clocked.rate * self.book.latency
        if self.pace and self.pace.growing:
            return (
                EXPLORERS
                + self.quiet // GRANTS_PER_EXPLORER
                + self.pace.rate * min(self.book.latency, LATENCY_S)
            )
        if self.pace:
            return 1 + ALLOWANCE * self.pace.rate * min(self.book.latency, CERTAIN)
        if self.limits and self.reach < FREE:
            room = min(one.room(self.book, now) for one in self.limits)
            far = min(max(0.0, room) // ROOM_PER_FLIGHT, self.quiet // 4)
            return WATCHERS + self.sure // GRANTS_PER_TRUST + far
        before = max((one.cap / one.meter.seconds for one in self.limits), default=0.0)
        return EXPLORERS + self.quiet // GRANTS_PER_EXPLORER + before * LATENCY_S

    def sent(self, now: float) -> int:
        """Note a request that goes."""
        if self.clocked:
            self.clocked.spend(now)
        elif self.pace:
            self.pace.spend(now)
        elif self.limits and self.book.grants and now - self.book.grants[-1] > PAUSE_S:
            self.wary = True
        return self.book.send(now)

    def lost(self, number: int) -> None:
        """Note that nothing is known of a request, or nothing that tells of the rate."""
        self.book.flying.pop(number, None)
        self._understand()

    def heard(self, number: int, now: float, retry_after: float | None, *, granted: bool) -> None:
        """Take an answer."""
        if self.book.granted > COLD or self.book.refused > COLD_REFUSED:
            self.lately = [*self.lately[1 - STORMS[-1][0] :], not granted]
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
        self.held += 1
        self.sure += not self.limits or self._at_limit(at)
        if reopened:
            self.wary, self.backoffs = False, 0
        if self.sure >= TRUSTED:
            self.trouble = 0
        if self.clocked:
            self.clocked.grant()
        elif self.pace:
            if self.pace.overdue(at):
                self._begin_era(now)
        elif self.limits and self.reach < FREE:
            self._probe(at)

    def _at_limit(self, at: float) -> bool:
        """Whether a grant says something of the cap."""
        few, part = AT_LIMIT
        return any(one.load(self.book, at) >= one.cap - max(few, part * one.cap) for one in self.limits)

    def _probe(self, at: float) -> None:
        """One request too many now and then, and more where they are granted, shows a cap that has grown."""
        if self.reach:
            if any(one.exceeded(self.book, at, self.reach) for one in self.limits):
                self.reach *= 2
        elif self.quiet >= self.patience:
            self.reach = 1

    def _shut(self, refusal: Refusal, now: float, retry_after: float | None) -> None:
        if retry_after is not None:
            self.shut = max(self.shut, now + retry_after)
        elif refusal.fresh or now >= self.shut:
            # Refusals may go on for ever: their power is bounded before it is taken.
            wait = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** min(self.backoffs, MOST_DOUBLINGS))
            full = [one for one in self.limits if one.fills(self.book, refusal.at)]
            opens = [one.opens(self.book, 0, now, self.margin) for one in full if not self.backoffs]
            self.shut = max([now + wait, *(at for at in opens if at < math.inf)])
            self.backoffs += 1

    def _refused(self, refusal: Refusal) -> None:
        self.quiet = 0
        if self.clocked:
            self._clocked_refused(self.clocked, refusal)
        elif self._storm():
            self._fall_back(refusal)
        elif self.pace:
            self._bucket_refused(self.pace, refusal)
        elif self.limits:
            self._window_refused(refusal)
        else:
            self._learn(refusal, trusted=False)

    def _storm(self) -> bool:
        """Whether a hypothesis draws more refusals than learning a limit costs."""
        return any(len(self.lately) >= of and sum(self.lately[-of:]) > most for of, most in STORMS)

    def _fall_back(self, refusal: Refusal) -> None:
        """Go by no hypothesis, whatever explains the past."""
        self.clocked = Clocked.after(self.book.grants, refusal.at)
        self.limits, self.pace, self.reach, self.falls, self.lately = [], None, 0, self.falls + 1, []

    def _clocked_refused(self, clocked: Clocked, refusal: Refusal) -> None:
        """Slow down; after long enough, see what would explain the refusals since."""
        if clocked.held < FALLEN_FOR * self.falls or self._storm():
            clocked.refuse()
            return
        self.clocked, self.lately, self.trouble = None, [], 0
        self._begin_era(refusal.at)
        self._learn(refusal, trusted=False)

    def _bucket_refused(self, pace: Pace, refusal: Refusal) -> None:
        # A refused request may take a token too, so each adds to the debt; and our own waits double.
        owed = (2 + self.book.refused - refusal.place) * (1 if refusal.in_advance else 2)
        if refusal.shut_for > owed / pace.rate + SLACK_S and not pace.loose:
            self._learn(refusal, trusted=pace.doubt < CERTAIN)
            return
        if pace.outgrown:
            self._learn(refusal, trusted=False)
            return
        known = self._known(refusal)
        if (
            not pace.emptied(self._anchor(refusal), len(self.book.flying), self._blur())
            and len(known) >= ENOUGH
        ):
            belief = believe(self.book, known, self.era, self.likely, changed=True)
            if belief:
                self._adopt(belief, refusal)

    def _blur(self) -> float:
        return min(BLUR_S, self.book.latency)

    def _anchor(self, refusal: Refusal) -> Anchor:
        return Anchor(refusal.at, self.book.granted, refusal.place, self.shut)

    def _known(self, refusal: Refusal) -> list[Refusal]:
        return [r for r in self.book.refusals if r.fresh and r.at >= self.era] or [refusal]

    def _window_refused(self, refusal: Refusal) -> None:
        full = [one for one in self.limits if one.fills(self.book, refusal.at)]
        free, self.reach, probed = self.reach >= FREE, 0, self.reach > 0
        if probed and full:
            loads = [one.load(self.book, refusal.at) for one in full]
            if all(load <= GROWN * one.cap + 2 for one, load in zip(full, loads, strict=True)):
                for one, load in zip(full, loads, strict=True):
                    one.cap = max(one.cap, int(load) - 1)
                _, most, longer = PATIENCE_CHANGED if self.changed else PATIENCE
                self.patience = min(most, int(longer * self.patience))
                return
        drifted = any(isinstance(one.meter, Fixed) for one in full) or self.late >= MOST_LATE
        near = bool(full) and not free and refusal.shut_for < NEAR_S and self.sure >= TRUSTED
        if near and not drifted:
            self._closer()
        else:
            before = self.limits
            self._learn(refusal, trusted=self.sure >= TRUSTED)
            if (
                self.limits
                and self.limits[0].meter == before[0].meter
                and self.limits[0].cap == before[0].cap
            ):
                self._closer()

    def _closer(self) -> None:
        """It opened a little later than was thought."""
        self.late += 1
        self.margin += MARGIN_STEP_S

    def _learn(self, refusal: Refusal, *, trusted: bool) -> None:
        """Find limits that explain this refusal and as much of the past as may be."""
        self.trouble += 1
        self.sure = 0
        known = self._known(refusal)
        belief = believe(self.book, known, self.era, self._meter(), changed=trusted)
        if belief is None:
            self._begin_era(refusal.at)
            belief = believe(self.book, [refusal], self.era, self.likely)
        if self.trouble > TROUBLE:
            belief = Belief(pace=Pace.loosely(self.book.grants, refusal.at))
        self._adopt(belief or Belief(pace=Pace.loosely(self.book.grants, refusal.at)), refusal)

    def _begin_era(self, at: float) -> None:
        if self.held > LONG_HELD:
            self.changed, self.lately = True, []
        self.likely = self._meter()
        self.era, self.held, self.patience = at, 0, (PATIENCE_CHANGED if self.changed else PATIENCE)[0]

    def _meter(self) -> Meter | None:
        return self.limits[0].meter if self.limits else self.likely

    def _adopt(self, belief: Belief, refusal: Refusal) -> None:
        if not self.limits or not belief.limits or self.limits[0].meter != belief.limits[0].meter:
            self.margin, self.late = FIRST_MARGIN_S, 0
        self.limits, self.pace = belief.limits, belief.pace
        if self.pace:
            self.pace.emptied(self._anchor(refusal), len(self.book.flying), self._blur())
