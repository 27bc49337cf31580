"""How collecting goes at this moment, for a display. Pure."""

from __future__ import annotations

import msgspec

from tunelake.observe.budgets import BudgetState


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """How collecting goes.

    Attributes:
        rate: Requests a second, lately.
        requests: Sent so far.
        refused: How many of them were answered by 429.
        left_s: Seconds until the stage is done, if it goes on like this; None when nobody knows.
        allowed: Requests a second that the limits allow; None when nothing is known of them.
        share: Of what they allow, what was used in the last minute, by all who share the budget.
        waiting: Lanes in which somebody waits.
        quota_left: Calls of a quota that are left; None when no quota is known.
    """

    rate: float
    requests: int
    refused: int
    left_s: float | None = None
    allowed: float | None = None
    share: float | None = None
    waiting: tuple[str, ...] = ()
    quota_left: int | None = None


def with_budget(live: Live, budget: BudgetState | None) -> Live:
    """Add what is known of the limits."""
    if budget is None:
        return live
    return msgspec.structs.replace(
        live,
        allowed=budget.rate,
        share=budget.share,
        waiting=tuple(budget.waiting),
        quota_left=budget.quota_left,
    )
