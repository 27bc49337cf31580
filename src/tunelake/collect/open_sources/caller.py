"""Asks one open source until there is an answer for good; an async shell over ports.

How fast, and when not at all, is the business of the transport, which keeps to the budget of the source.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from tunelake.collect.decide import Decision, Facts, decide
from tunelake.collect.open_sources.servers import Server, as_limited
from tunelake.collect.ports import Clock, Cooldown, HttpRequest, HttpResponse, Transport
from tunelake.collect.tally import Tally
from tunelake.errors import ConfigError
from tunelake.sources.gist import Gist
from tunelake.sources.request import Request

OK = 200
GIVE_UPS_IN_A_ROW = 5


class OpenCaller:
    """Asks one open source, one request after the other."""

    def __init__(self, server: Server, agent: str, transport: Transport, clock: Clock, tally: Tally) -> None:
        self.server = server
        self.halted = ""
        self.parked: Cooldown | None = None
        self._agent = agent
        self._transport = transport
        self._clock = clock
        self._tally = tally
        self._turn = asyncio.Lock()
        self._reached = False
        self._give_ups = 0

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
                    if decision.wait_s:
                        await self._clock.sleep(decision.wait_s)
                    continue
                self._note(decision, response)
                return decision, response, gist
            return Decision(action="park", reason=self.halted), HttpResponse(), Gist()

    async def _send(self, request: Request) -> HttpResponse:
        """Send when it is time; the next time counts from when this answer came."""
        body = self.server.body(request)
        query = f"?{urlencode(request.params)}" if request.params and body is None else ""
        headers = {"User-Agent": self._agent, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self.server.base}{request.path}{query}"
        response = await self._transport.send(
            HttpRequest(method="GET" if body is None else "POST", url=url, headers=headers, body=body)
        )
        self._tally.calls[request.endpoint] += response.trouble != "parked"
        self._reached = self._reached or response.trouble is None
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
            chance=self._clock.jitter(),
            body_problem=problem,
            misshapen=bool(problem),
        )

    def _note(self, decision: Decision, response: HttpResponse) -> None:
        if decision.action == "park" and decision.until:
            self._park(Cooldown(decision.until, decision.reason))
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
