"""What was sent and what came of it: the evidence that everything else is learned from."""

from __future__ import annotations

import math
from bisect import bisect_left, insort

import msgspec

KEPT = 4000
KEPT_REFUSALS = 24
KEPT_REFUSED = 400
FORGETS = 0.05


class Refusal(msgspec.Struct, kw_only=True):
    """A 429.

    Attributes:
        at: When the server decided, as far as one can tell.
        place: How many were refused before it.
        opens_from: When it opens again, at the earliest; known only afterwards where it was not told.
        opens_to: The same, at the latest.
        fresh: Sent when the answers before it were known, and something was granted since the last
            refusal. Others are echoes of one overshoot.
        in_advance: The refusal itself told when it opens.
    """

    at: float
    place: int = 0
    opens_from: float = -math.inf
    opens_to: float = math.inf
    fresh: bool = True
    in_advance: bool = False

    @property
    def told(self) -> bool:
        """Whether it is known when it opened."""
        return self.opens_to < math.inf

    @property
    def shut_for(self) -> float:
        """For how many seconds it was shut at least."""
        return max(0.0, self.opens_from - self.at)


class Book(msgspec.Struct, kw_only=True):
    """Grants and refusals in the order of the server's decisions, and what is in flight.

    The moment of a decision is taken to be half way between sending and hearing; how far that is off is
    the business of the margin, which is learned.

    Attributes:
        grants: Moments of the granted requests.
        turned_away: Moments of the refused ones, which some servers count as well.
        granted: How many were granted in all.
        refused: How many were refused in all.
        refusals: The last refusals.
        flying: Moment of sending of each request in flight, by number.
        numbers: How many were sent.
        heard_refusal: When a refusal was last heard.
        clear: Something that was sent after the last refusal has been granted.
        whole: Every wait that was told so far was a whole number of seconds.
        latency: Seconds from sending to hearing, of the slow ones lately; infinite before the first answer.
    """

    grants: list[float] = []
    turned_away: list[float] = []
    granted: int = 0
    refused: int = 0
    refusals: list[Refusal] = []
    flying: dict[int, float] = {}
    numbers: int = 0
    heard_refusal: float = -math.inf
    clear: bool = True
    whole: bool = True
    latency: float = math.inf

    def send(self, now: float) -> int:
        """Note a request; gives its number."""
        self.numbers += 1
        self.flying[self.numbers] = now
        return self.numbers

    def grant(self, number: int, now: float) -> float:
        """Note a grant; gives the moment of the decision."""
        sent = self._landed(number, now)
        at = (sent + now) / 2
        self.granted += 1
        if sent >= self.heard_refusal:
            self.clear = True
            self._opened(at)
        insort(self.grants, at)
        if len(self.grants) > KEPT:
            del self.grants[: KEPT // 4]
        return at

    def _landed(self, number: int, now: float) -> float:
        """Note how long an answer took; gives the moment of sending."""
        sent = self.flying.pop(number)
        took = max(0.0, now - sent)
        known = self.latency < math.inf
        self.latency = max(took, self.latency + FORGETS * (took - self.latency)) if known else took
        return sent

    def _opened(self, at: float) -> None:
        """Where no wait was told, it opened between the last refusal and the first grant after it."""
        latest = self.refusals[-1].at if self.refusals else at
        for refusal in reversed(self.refusals):
            if refusal.told:
                break
            refusal.opens_from, refusal.opens_to = min(latest, at), at

    def refuse(self, number: int, now: float, retry_after: float | None) -> Refusal:
        """Note a refusal."""
        sent = self._landed(number, now)
        at = (sent + now) / 2
        refusal = Refusal(at=at, place=self.refused, fresh=sent >= self.heard_refusal and self.clear)
        if retry_after is not None:
            self.whole = self.whole and retry_after == round(retry_after)
            refusal.in_advance = True
            refusal.opens_to = at + retry_after
            refusal.opens_from = refusal.opens_to - (1.0 if self.whole else 0.0)
        self.refused += 1
        self.heard_refusal, self.clear = now, False
        insort(self.turned_away, at)
        del self.turned_away[:-KEPT_REFUSED]
        self.refusals.append(refusal)
        del self.refusals[:-KEPT_REFUSALS]
        return refusal

    def counted(self, *, refused_too: bool) -> list[float]:
        """Moments of what was granted, or answered at all, in order."""
        return sorted(self.grants + self.turned_away) if refused_too else self.grants

    def since(self, moment: float, *, refused_too: bool = False) -> list[float]:
        """Moments of what was granted (or answered at all) from a moment on."""
        moments = self.counted(refused_too=refused_too)
        return moments[bisect_left(moments, moment) :]
