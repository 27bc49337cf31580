"""The budget of one account: who may send now, who waits, and until when all are parked. Pure.

Times are seconds of one clock that all processes of the account share and that outlives a restart (the clock
of the day). Lanes go by priority: while one waits for its turn, those below it do not send. Nothing idles,
since a lane waits only for as long as it keeps asking.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from tunelake.collect.budget.quota import Quotas, Wishes
from tunelake.collect.budget.throttle import Throttle

Lane = Literal["on demand", "event", "schedule", "backfill"]
LANES: tuple[Lane, ...] = ("on demand", "event", "schedule", "backfill")
PARKED_FROM_S = 120.0
TURN_KEPT_S = 0.25
UNTOLD_QUOTA_S = 3600.0
LONGEST_PARK_S = 7 * 86_400.0
LOST_AFTER_S = 120.0
TOO_MANY = 429
OUT_OF_QUOTA = "the quota is spread over its time, and this is not due yet"


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Leave to send one request now; to be answered, or given up, in any case."""

    number: int
    lane: Lane
    endpoint: str = ""


class WaitUntil(msgspec.Struct, frozen=True, kw_only=True):
    """Ask again then, or after the next answer if that is sooner; infinite: only after an answer."""

    at: float
    reason: str = "the source asked to wait"


class ParkedUntil(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing may be sent, not even for a token, until then."""

    at: float
    reason: str


class State(msgspec.Struct, kw_only=True):
    """All that must outlive a process.

    Attributes:
        parked_until: Nothing goes before this moment.
        reason: Why, for people.
        held_until: Likewise, but it is worth waiting for.
        turns: Until when a lane that waits keeps those below it from sending.
        flying: When each request in flight was sent, by number.
    """

    throttle: Throttle = msgspec.field(default_factory=Throttle)
    quotas: Quotas = msgspec.field(default_factory=Quotas)
    parked_until: float = 0.0
    reason: str = ""
    held_until: float = 0.0
    turns: dict[Lane, float] = {}
    flying: dict[int, float] = {}


class Governor:
    """Gives leave to send."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    @classmethod
    def restore(cls, data: bytes) -> Governor:
        """A governor that goes on where another stopped; requests that were in flight then are lost.

        Raises:
            msgspec.DecodeError: The data are no state of a governor.
        """
        state = msgspec.msgpack.decode(data, type=State)
        state.throttle = state.throttle.restarted()
        state.turns, state.flying = {}, {}
        return cls(state)

    @classmethod
    def resume(cls, data: bytes) -> Governor:
        """A governor that knows what another knows, while the requests of that one are still in flight.

        Raises:
            msgspec.DecodeError: The data are no state of a governor.
        """
        return cls(msgspec.msgpack.decode(data, type=State))

    def state(self) -> bytes:
        """Everything that was learned, to be kept."""
        return msgspec.msgpack.encode(self._state)

    @property
    def quotas(self) -> Quotas:
        """What is known of quotas."""
        return self._state.quotas

    def keep_to(self, who: str, wishes: Wishes, gone: Iterable[str]) -> None:
        """Keep to quotas that are set, not met; see `Quotas.keep_to`."""
        self._state.quotas.keep_to(who, wishes, gone)

    def hold(self, until: float) -> None:
        """Let nothing go before a moment that is near enough to be waited for."""
        self._state.held_until = max(self._state.held_until, until)

    def ask(self, now: float, lane: Lane = "backfill", endpoint: str = "") -> Grant | WaitUntil | ParkedUntil:
        """Ask for leave to send one request to an endpoint, where it is known to which."""
        state = self._state
        if now < state.parked_until:
            return ParkedUntil(at=state.parked_until, reason=state.reason)
        self._forget_lost(now)
        quota_opens = state.quotas.opens(now, endpoint, on_demand=lane == LANES[0])
        opens = max(state.held_until, state.throttle.opens(now), quota_opens)
        if opens <= now and lane != LANES[0]:
            opens = max(opens, state.throttle.spares(now))
        before = [state.turns.get(other, -math.inf) for other in LANES[: LANES.index(lane)]]
        turn = max(before, default=-math.inf)
        if opens <= now and turn < now:
            state.turns.pop(lane, None)
            state.quotas.use(now, endpoint)
            number = state.throttle.sent(now)
            state.flying[number] = now
            return Grant(number=number, lane=lane, endpoint=endpoint)
        at = max(opens, turn)
        if quota_opens > now:
            return WaitUntil(at=at, reason=OUT_OF_QUOTA)
        # One that only waits for an answer keeps its turn for a moment, and longer if it asks again.
        state.turns[lane] = (now if math.isinf(at) else at) + TURN_KEPT_S
        return WaitUntil(at=at)

    def answered(
        self,
        grant: Grant,
        now: float,
        status: int,
        retry_after: float | None = None,
        *,
        quota_exceeded: bool = False,
    ) -> None:
        """Tell what came of a request.

        Args:
            grant: The leave that it was sent with.
            now: The moment of hearing.
            status: The status of the answer; 0 when none came.
            retry_after: Seconds of its Retry-After; None when there was none.
            quota_exceeded: The answer said QUOTA_EXCEEDED.
        """
        known = self._state.flying.pop(grant.number, None) is not None
        refused = status == TOO_MANY
        if quota_exceeded:
            self._state.throttle.lost(grant.number)
            wait = retry_after or UNTOLD_QUOTA_S
            self._state.quotas.met(now, grant.endpoint, wait)
            self._park(now, wait, "the quota is used up")
        elif refused and retry_after is not None and retry_after >= PARKED_FROM_S:
            self._state.throttle.lost(grant.number)
            self._park(now, retry_after, "the server asked to wait")
        elif not known:
            return  # It was given up; only a ban holds in any case.
        elif status == 0:
            self._state.throttle.lost(grant.number)
        else:
            self._state.throttle.heard(grant.number, now, retry_after, granted=not refused)

    def _park(self, now: float, wait: float, reason: str) -> None:
        until = now + min(wait, LONGEST_PARK_S)
        if until > self._state.parked_until:
            self._state.parked_until, self._state.reason = until, reason

    def _forget_lost(self, now: float) -> None:
        """A process that was killed never tells what came of its requests."""
        for number in [number for number, sent in self._state.flying.items() if now - sent > LOST_AFTER_S]:
            del self._state.flying[number]
            self._state.throttle.lost(number)
