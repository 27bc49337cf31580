"""What a governor has learned, in words and figures for its operator. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from tunelake.collect.budget.governor import State
from tunelake.collect.budget.journal import Ticks
from tunelake.collect.budget.learn import Limit
from tunelake.collect.budget.meters import Fixed, Rolling
from tunelake.collect.budget.quota import Quota, Spread, spread
from tunelake.collect.budget.records import Replica

LATELY_S = 60.0
SHORTEST_S = 10.0
_FAR_S = 1e9


class QuotaState(msgspec.Struct, frozen=True, kw_only=True):
    """A quota, whose `reserve` is kept for on demand.

    Attributes:
        endpoint: Of which; "" is all together.
        calls: In a period.
        left: Of these, still unused.
        ends: When the period ends; None while nothing was used.
    """

    endpoint: str
    calls: int
    period_s: float
    used: int = 0
    left: int = 0
    ends: datetime | None = None
    reserve: float = 0.0

    @property
    def spread(self) -> Spread:
        """What it leaves to what nobody waits for."""
        return spread(self.calls, self.period_s)


class BudgetState(msgspec.Struct, frozen=True, kw_only=True):
    """The budget of one source.

    Attributes:
        limits: What is believed of its limits, in words; empty when nothing is known.
        rate: Requests a second that they allow in the long run; None when nothing is known.
        lately: Requests a second that were granted in the last minute.
        share: Of what the limits allow, what was used in the last minute, 0 to 1; None when not known.
        granted: Requests that were granted, of those that are remembered.
        refused: The same, refused by 429.
        in_flight: Sent and not answered.
        waiting: Lanes in which somebody waits.
        parked_until: Nothing is sent before; None when it may.
        quotas: Those that are known.
        quota_left: Calls that are left of the one that is nearest to its end; None when none is known.
    """

    source: str
    account: str = ""
    limits: list[str] = []
    rate: float | None = None
    lately: float = 0.0
    share: float | None = None
    granted: int = 0
    refused: int = 0
    in_flight: int = 0
    waiting: list[str] = []
    parked_until: datetime | None = None
    reason: str = ""
    quotas: list[QuotaState] = []
    quota_left: int | None = None


def replayed(lines: Sequence[bytes], source: str, key: str, ticks: Ticks) -> BudgetState | None:
    """Say what a journal comes to; None when it is damaged, which is told by whoever needs it.

    Args:
        lines: The whole journal.
        source: The source it is about.
        key: Its name.
        ticks: The clock that its readers go by.
    """
    replica = Replica()
    try:
        replica.read(lines)
        state = msgspec.msgpack.decode(replica.governor.state(), type=State)
    except (msgspec.DecodeError, ValueError, KeyError):
        return None
    now, _ = replica.time(ticks.boot, ticks.seconds, ticks.wall)
    return budget_of(source, key.rpartition("-")[2], state, now, datetime.fromtimestamp(ticks.wall, UTC))


def budget_of(source: str, account: str, state: State, now: float, at: datetime) -> BudgetState:
    """Say what a governor knows.

    Args:
        source: The source it is about.
        account: Whose budget it is, without a secret.
        state: What it learned.
        now: Seconds, by the governor's clock.
        at: The same moment by the clock of the day, for people.
    """
    throttle = state.throttle
    rate = _rate(state)
    lately = _lately(throttle.book.since(now - LATELY_S, refused_too=False), now)

    def moment(seconds: float) -> datetime:
        return at + timedelta(seconds=min(seconds - now, _FAR_S))

    quotas = [_quota(name, quota, now, moment) for name, quota in state.quotas.known()]
    return BudgetState(
        source=source,
        account=account,
        limits=_limits(state),
        rate=rate,
        lately=round(lately, 3),
        share=round(min(1.0, lately / rate), 4) if rate else None,
        granted=throttle.book.granted,
        refused=throttle.book.refused,
        in_flight=len(state.flying),
        waiting=[lane for lane, until in state.turns.items() if until >= now],
        parked_until=moment(state.parked_until) if state.parked_until > now else None,
        reason=state.reason if state.parked_until > now else "",
        quotas=quotas,
        quota_left=min((one.left for one in quotas), default=None),
    )


def _quota(endpoint: str, quota: Quota, now: float, moment: Callable[[float], datetime]) -> QuotaState:
    calls, running = quota.calls or 0, now < quota.began + quota.period_s
    used = quota.used if running else 0
    return QuotaState(
        endpoint=endpoint,
        calls=calls,
        period_s=quota.period_s,
        used=used,
        left=max(0, calls - used),
        ends=moment(quota.began + quota.period_s) if running else None,
        reserve=quota.reserve,
    )


def _lately(grants: Sequence[float], now: float) -> float:
    """Grants a second since asking began, a minute ago at most."""
    return len(grants) / min(LATELY_S, max(SHORTEST_S, now - grants[0])) if grants else 0.0


def _rate(state: State) -> float | None:
    throttle = state.throttle
    if throttle.limits:
        return min(limit.cap / limit.meter.seconds for limit in throttle.limits)
    return throttle.pace.rate if throttle.pace else None


def _limits(state: State) -> list[str]:
    pace = state.throttle.pace
    if pace:
        return [f"{pace.rate:.3g} a second, bursts of {pace.burst:.0f}"]
    return [_limit(limit) for limit in state.throttle.limits]


def _limit(limit: Limit) -> str:
    kind = "from tick to tick" if isinstance(limit.meter, Fixed) else "weighted"
    if isinstance(limit.meter, Rolling):
        kind = "rolling"
    also = "; refused ones count, too" if limit.refused_too else ""
    return f"{limit.cap} in {limit.meter.seconds:.3g} s, {kind}{also}"
