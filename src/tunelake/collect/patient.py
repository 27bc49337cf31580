"""How long one goes on asking, whatever source is asked; an async shell over a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from tunelake.collect.decide import OK, TOO_MANY, Decision, Facts, decide
from tunelake.collect.ports import Clock, Cooldown, HttpResponse
from tunelake.collect.tally import Tally

GIVE_UPS_IN_A_ROW = 5

Check = Callable[[HttpResponse], tuple[str, bool]]
"""Says what is wrong with a body of status 200 (empty: nothing), and whether it is whole JSON."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The end of asking: an answer for good, or why there is none now.

    Attributes:
        action: "held" means that nothing was sent, or no more, because the run is halted.
    """

    action: Literal["accept", "unchanged", "absent", "forbidden", "gone", "refused", "give_up", "held"]
    response: HttpResponse
    at: datetime
    reason: str = ""
    kind: str = ""


class Patient:
    """Whoever asks a source: again, later, or not any more.

    Attributes:
        halted: Why nothing is sent any more; empty while something is.
        parked: Until when, where the budget says so.
    """

    def __init__(self, clock: Clock, tally: Tally) -> None:
        self.halted = ""
        self.parked: Cooldown | None = None
        self._clock = clock
        self._tally = tally
        self._give_ups = 0

    def _question(self) -> Tries:
        """Begin to ask one thing."""
        return Tries(self._clock)

    async def _goes_on(self, decision: Decision) -> bool:
        """Wait where the decision is to try again; park where it says so."""
        if decision.action == "park" and decision.until:
            self._park(Cooldown(decision.until, decision.reason))
        if decision.action not in {"retry", "renew_token"}:
            return False
        self._tally.retries[decision.kind] += 1
        if decision.wait_s:
            await self._clock.sleep(decision.wait_s)
        return True

    def _ended(self, decision: Decision, response: HttpResponse) -> Reply:
        """The end of asking one thing; after too many in a row without answer, nothing more is sent."""
        if decision.action == "park":
            return self._held()
        if decision.action == "give_up" and decision.kind != "misshapen":
            self._give_ups += 1
            if self._give_ups >= GIVE_UPS_IN_A_ROW:
                self._halt(f"{self._give_ups} requests in a row failed, the last with: {decision.reason}")
        else:
            self._give_ups = 0
        return Reply(
            action=decision.action,  # type: ignore[arg-type]  # retry, renew_token and park do not end
            response=response,
            at=self._clock.now(),
            reason=decision.reason,
            kind=decision.kind,
        )

    def _held(self) -> Reply:
        """The end of asking what is not asked."""
        return Reply(action="held", response=HttpResponse(), at=self._clock.now(), reason=self.halted)

    def _halt(self, reason: str) -> None:
        """Send nothing any more; the first reason stays."""
        self.halted = self.halted or reason

    def _park(self, cooldown: Cooldown) -> None:
        self.parked = cooldown
        until = cooldown.until.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        self.halted = f"parked until {until}: {cooldown.reason}"


class Tries:
    """How often one thing was asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = self._limited = 0

    def decide(self, response: HttpResponse, check: Check) -> Decision:
        """Decide about one more answer."""
        self._count += 1
        self._limited += response.status == TOO_MANY
        whole = response.status == OK and not response.trouble
        problem, misshapen = check(response) if whole else ("", False)
        return decide(
            response,
            Facts(
                tries=self._count,
                limited=self._limited,
                chance=self._clock.jitter(),
                body_problem=problem,
                misshapen=misshapen,
            ),
        )
