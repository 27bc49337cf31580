"""Sends requests to one open source at its pace, with patience; an async shell over ports."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

from tunelake.collect.decide import Decision, Facts, decide
from tunelake.collect.open_sources.servers import Server, as_limited, window_wait
from tunelake.collect.ports import Clock, Cooldown, HttpRequest, HttpResponse, Ledger, Transport
from tunelake.collect.tally import Tally
from tunelake.errors import ConfigError
from tunelake.sources.gist import Gist
from tunelake.sources.request import Request

OK = 200
GIVE_UPS_IN_A_ROW = 5
LEAST_PARK_S = 60.0


class OpenCaller:
    """Asks one open source, one request after the other."""

    def __init__(
        self,
        server: Server,
        agent: str,
        transport: Transport,
        ledger: Ledger,
        clock: Clock,
        tally: Tally,
        max_wait_s: float,
    ) -> None:
        self.server = server
        self.halted = ""
        self.parked: Cooldown | None = None
        self._agent = agent
        self._transport = transport
        self._ledger = ledger
        self._clock = clock
        self._tally = tally
        self._max_wait_s = max_wait_s
        self._turn = asyncio.Lock()
        self._next = clock.now()
        self._reached = False
        self._give_ups = 0
        cooldown = ledger.cooldown()
        if cooldown and cooldown.until > clock.now():
            self._park(cooldown)

    async def ask(self, request: Request) -> tuple[Decision, HttpResponse, Gist]:
        """Ask until there is an answer for good, or none to be had now (then the action is "park").

        Raises:
            ConfigError: Nothing answers at the configured URL.
        """
        async with self._turn:
            tries = limited = 0
            while not self.halted:
                response = await self._send(request)
                tries += 1
                limited += response.status == 429  # noqa: PLR2004  too many requests
                gist, problem = self._read(request, response)
                decision = decide(response, self._facts(tries, limited, problem))
                if decision.action == "retry":
                    self._tally.retries[decision.kind] += 1
                    await self._clock.sleep(decision.wait_s)
                    continue
                self._note(decision, response)
                return decision, response, gist
            return Decision(action="park", reason=self.halted), HttpResponse(), Gist()

    async def _send(self, request: Request) -> HttpResponse:
        """Send when it is time; the next time counts from when this answer came."""
        wait = (self._next - self._clock.now()).total_seconds()
        if wait > 0:
            await self._clock.sleep(wait)
        body = self.server.body(request)
        query = f"?{urlencode(request.params)}" if request.params and body is None else ""
        headers = {"User-Agent": self._agent, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self.server.base}{request.path}{query}"
        response = await self._transport.send(
            HttpRequest(method="GET" if body is None else "POST", url=url, headers=headers, body=body)
        )
        self._tally.calls[request.endpoint] += 1
        self._reached = self._reached or response.trouble is None
        pause = max(self.server.interval_s, window_wait(response))
        self._next = self._clock.now() + timedelta(seconds=pause)
        return as_limited(self.server, response)

    def _read(self, request: Request, response: HttpResponse) -> tuple[Gist, str]:
        if response.status != OK or response.trouble:
            return Gist(), ""
        try:
            return self.server.gist(request, response.body), ""
        except (ValueError, RecursionError) as problem:
            return Gist(), f"not the JSON that was expected: {problem}"

    def _facts(self, tries: int, limited: int, problem: str) -> Facts:
        return Facts(
            tries=tries,
            limited=limited,
            now=self._clock.now(),
            max_wait_s=self._max_wait_s,
            chance=self._clock.jitter(),
            body_problem=problem,
            misshapen=bool(problem),
        )

    def _note(self, decision: Decision, response: HttpResponse) -> None:
        if decision.action == "park" and decision.until:
            # So much patience was in vain that the few seconds it asked for are not the truth.
            least = self._clock.now() + timedelta(seconds=LEAST_PARK_S)
            cooldown = Cooldown(max(decision.until, least), decision.reason)
            self._ledger.put_cooldown(cooldown)
            self._park(cooldown)
        if decision.action != "give_up":
            self._give_ups = 0
            return
        self._give_ups += 1
        if response.trouble and not self._reached:
            raise ConfigError(
                f"nothing answers at {self.server.base} ({decision.reason}): "
                f"check the network or set {self.server.variable}"
            )
        if self._give_ups >= GIVE_UPS_IN_A_ROW:
            self.halted = f"{self._give_ups} requests in a row failed, the last with: {decision.reason}"

    def _park(self, cooldown: Cooldown) -> None:
        self.parked = cooldown
        until = cooldown.until.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        self.halted = f"parked until {until}: {cooldown.reason}"
