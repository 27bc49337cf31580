"""A transport that sends within the budget: it waits for leave, and tells what came of it."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta

import msgspec

from tunelake.collect.budget.governor import Grant, Lane, ParkedUntil
from tunelake.collect.budget.shared_governor import SharedGovernor
from tunelake.collect.budget.verdicts import NOTHING, Judge, Verdict
from tunelake.collect.ports import Clock, HttpRequest, HttpResponse, Transport
from tunelake.errors import Retryable

MOST_REFUSED = 60
TIRED_S = 60.0
LEAST_S, SOON_S, LATER_S = 0.001, 0.1, 0.5
LOOK_S = 0.02
ASK_AGAIN_S = 0.2
REACH_AGAIN_S = 1.0


class GovernedTransport:
    """Sends by another transport; one a lane, any number of requests at once."""

    def __init__(
        self,
        transport: Transport,
        governor: SharedGovernor,
        judge: Judge,
        clock: Clock,
        *,
        lane: Lane,
        patience_s: float,
        interval_s: float = 0.0,
    ) -> None:
        """Put a budget before a transport.

        Args:
            transport: Sends.
            governor: Gives leave.
            judge: Says what an answer tells of the budget.
            clock: Tells the time, and waits.
            lane: Which requests these are.
            patience_s: What has to wait longer than this, in seconds, is answered with when it may be sent.
            interval_s: Seconds between two requests, where that is known.
        """
        self._transport = transport
        self._governor = governor
        self._judge = judge
        self._clock = clock
        self._lane: Lane = lane
        self._patience_s = patience_s
        self._interval_s = interval_s
        self._refused = 0
        self._first = asyncio.Lock()
        self._answered = asyncio.Event()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send when there is leave; trouble "parked" says that nothing was sent, and until when."""
        async with self._first:
            leave = await self._leave(request.endpoint)
        if isinstance(leave, HttpResponse):
            return leave
        verdict = NOTHING
        try:
            response = await self._transport.send(request)
            verdict = self._patient(self._judge(request, response, self._clock.now()))
        finally:
            self._governor.answered(leave, verdict)
            self._answered.set()
        return response

    async def close(self) -> None:
        """Let go of connections."""
        await self._transport.close()

    async def _leave(self, endpoint: str) -> Grant | HttpResponse:
        """Wait for leave; without a budget that can be reached there is none."""
        lost_s = 0.0
        while True:
            try:
                return await self._granted(endpoint)
            except Retryable:
                if lost_s >= self._patience_s:
                    raise
                lost_s += REACH_AGAIN_S
                await self._clock.sleep(REACH_AGAIN_S)

    async def _granted(self, endpoint: str) -> Grant | HttpResponse:
        while True:
            self._answered.clear()
            leave, now = self._governor.ask(self._lane, self._interval_s, endpoint)
            if isinstance(leave, Grant):
                return leave
            wait = leave.at - now
            if isinstance(leave, ParkedUntil):
                return self._parked(wait, leave.reason)
            if self._patience_s < wait < math.inf:
                return self._parked(wait, leave.reason)
            await self._wait(wait)

    def _patient(self, verdict: Verdict) -> Verdict:
        """Where refusals do not end, the waits that they tell are not the truth."""
        self._refused = self._refused + 1 if verdict.refused else 0
        if self._refused < MOST_REFUSED:
            return verdict
        return msgspec.structs.replace(verdict, hold_s=max(verdict.hold_s, TIRED_S))

    def _parked(self, wait: float, reason: str) -> HttpResponse:
        # In whole seconds, so that every process tells the same.
        exact = self._clock.now() + timedelta(seconds=wait)
        until = (exact + timedelta(microseconds=999_999)).replace(microsecond=0)
        return HttpResponse(trouble="parked", detail=reason, until=until)

    async def _wait(self, seconds: float) -> None:
        """Wait, but not beyond the next answer, whoever gets it."""
        if seconds < SOON_S or LATER_S < seconds < math.inf:
            await self._pause(max(seconds, LEAST_S))
            return
        # One that waits for its turn asks again before it is forgotten.
        ends = min(seconds, ASK_AGAIN_S if math.isinf(seconds) else math.inf)
        while ends > 0 and not self._answered.is_set() and not self._governor.heard():
            await self._pause(min(LOOK_S, ends))
            ends -= LOOK_S
        if ends <= 0:
            self._governor.bury()

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not beyond the next answer to this process."""
        ways = [
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._answered.wait()),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
