"""Asks one open source until there is an answer for good; an async shell over ports.

How fast, and when not at all, is the business of the transport, which keeps to the budget of the source.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from tunelake.collect.open_sources.servers import Server, as_limited
from tunelake.collect.patient import Check, Patient, Reply
from tunelake.collect.ports import Clock, HttpRequest, HttpResponse, Transport
from tunelake.collect.tally import Tally
from tunelake.errors import ConfigError
from tunelake.sources.request import Request


class OpenCaller(Patient):
    """Asks one open source, one request after the other."""

    def __init__(self, server: Server, agent: str, transport: Transport, clock: Clock, tally: Tally) -> None:
        super().__init__(clock, tally)
        self.server = server
        self._agent = agent
        self._transport = transport
        self._turn = asyncio.Lock()
        self._reached = False

    async def ask(self, request: Request, check: Check, etag: str = "") -> Reply:  # noqa: ARG002  none has one
        """Ask until there is an answer for good, or none to be had now; see `collect.caller.Caller.ask`.

        Raises:
            ConfigError: Nothing answers at the configured URL.
        """
        async with self._turn:
            tries = self._question()
            while not self.halted:
                response = await self._send(request)
                decision = tries.decide(response, check)
                if await self._goes_on(decision):
                    continue
                if decision.action == "give_up" and response.trouble and not self._reached:
                    raise ConfigError(
                        f"nothing answers at {self.server.base} ({decision.reason}): "
                        f"check the network or set {self.server.variable}"
                    )
                return self._ended(decision, response)
            return self._held()

    async def _send(self, request: Request) -> HttpResponse:
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
