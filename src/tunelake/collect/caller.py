"""Asks the Spotify Web API until there is an answer for good: tokens, and what to do about each answer.

An async shell over ports. What an answer means is decided in `decide.py`; how fast to ask, and when not at
all, is the business of the transport, which keeps to the budget.
"""

from __future__ import annotations

import asyncio

from tunelake.collect.decide import Decision
from tunelake.collect.patient import Check, Patient, Reply
from tunelake.collect.ports import Clock, HttpRequest, HttpResponse, Transport
from tunelake.collect.tally import Tally
from tunelake.errors import ConfigError
from tunelake.settings import Settings
from tunelake.sources.request import Request
from tunelake.sources.spotify import auth
from tunelake.sources.spotify.endpoints import upstream

API, ACCOUNTS = "TUNELAKE_SPOTIFY_API_URL", "TUNELAKE_SPOTIFY_ACCOUNTS_URL"


class Caller(Patient):
    """Asks the Spotify Web API."""

    def __init__(self, settings: Settings, transport: Transport, clock: Clock, tally: Tally) -> None:
        super().__init__(clock, tally)
        self._settings = settings
        self._transport = transport
        self._token: auth.Token | None = None
        self._token_lock = asyncio.Lock()
        self._reached: set[str] = set()

    async def ask(self, request: Request, check: Check, etag: str = "") -> Reply:
        """Ask until there is an answer for good, or none to be had now.

        Args:
            request: The question.
            check: Says what is wrong with a body.
            etag: Of the answer that is kept; where it still holds, the end is "unchanged".

        Raises:
            ConfigError: Nothing answers at the configured URL, or the client id or secret is refused.
        """
        tries = self._question()
        while True:
            token = await self._fresh_token()
            if token is None:
                return self._held()
            response = await self._send(API, self._get(request, token, etag))
            if response.trouble != "parked":
                self._tally.calls[request.endpoint] += 1
            decision = tries.decide(response, check)
            if decision.action == "renew_token" and self._token is token:
                self._token = None
            if await self._goes_on(decision):
                continue
            gone = response.trouble == "unreachable" or (response.trouble and API not in self._reached)
            if decision.action == "give_up" and gone:
                self._unreachable(API, decision.reason)
            return self._ended(decision, response)

    def _get(self, request: Request, token: auth.Token, etag: str) -> HttpRequest:
        return HttpRequest(
            method="GET",
            url=f"{self._settings.spotify_api_url}{request.line}",
            headers={"Authorization": token.header()} | ({"If-None-Match": etag} if etag else {}),
            endpoint=upstream(request.endpoint),
        )

    async def _send(self, address: str, request: HttpRequest) -> HttpResponse:
        response = await self._transport.send(request)
        if response.trouble is None:
            self._reached.add(address)
        return response

    def _unreachable(self, address: str, reason: str) -> None:
        url = self._settings.spotify_api_url if address == API else self._settings.spotify_accounts_url
        if address not in self._reached:
            raise ConfigError(f"nothing answers at {url} ({reason}): start the server or set {address}")
        self._halt(f"{url} does not answer any more ({reason})")

    async def _fresh_token(self) -> auth.Token | None:
        """The token, renewed by one task while the others wait; None when the run is halted."""
        async with self._token_lock:
            if self.halted:
                return None
            if self._token is None or self._token.renew_at <= self._clock.now():
                self._token = await self._ask_token()
            return self._token

    async def _ask_token(self) -> auth.Token | None:
        url, headers = self._settings.spotify_accounts_url, auth.token_headers(self._settings)
        request = HttpRequest(
            method="POST", url=url + auth.TOKEN_PATH, headers=headers, body=auth.FORM, endpoint="token"
        )
        tries, found = self._question(), list[auth.Token]()

        def check(response: HttpResponse) -> tuple[str, bool]:
            token = auth.read_token(response.body, self._clock.now())
            found[:] = [token] if token else []
            return "" if token else f"the answer holds no token: {auth.instead(response.body)}", False

        while not self.halted:
            response = await self._send(ACCOUNTS, request)
            self._tally.tokens += response.trouble != "parked"
            decision = tries.decide(response, check)
            if decision.action == "accept":
                return found[0]
            self._refuse(url, decision)
            if not await self._goes_on(decision) and decision.action == "give_up":
                self._without_token(url, response, decision)
        return None

    def _refuse(self, url: str, decision: Decision) -> None:
        """Raise where no token can be had by asking again."""
        if decision.action in {"refused", "renew_token"}:
            raise auth.wrong_credentials(url, decision.reason)
        if decision.action in {"absent", "forbidden", "gone"}:
            raise ConfigError(f"{url} gives no tokens ({decision.reason}): set {ACCOUNTS}")

    def _without_token(self, url: str, response: HttpResponse, decision: Decision) -> None:
        if response.trouble:
            self._unreachable(ACCOUNTS, decision.reason)
        self._halt(f"{url} gives no token ({decision.reason})")
