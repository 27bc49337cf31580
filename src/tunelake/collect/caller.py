"""Asks the Spotify Web API until there is an answer for good: tokens, and what to do about each answer.

An async shell over ports. What an answer means is decided in `decide.py`; how fast to ask, and when not at
all, is the business of the transport, which keeps to the budget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from tunelake.collect.decide import OK, TOO_MANY, Decision, Facts, decide
from tunelake.collect.ports import Clock, Cooldown, HttpRequest, HttpResponse, Transport
from tunelake.collect.tally import Tally
from tunelake.errors import ConfigError
from tunelake.settings import Settings
from tunelake.sources.request import Request
from tunelake.sources.spotify import auth
from tunelake.sources.spotify.endpoints import upstream

GIVE_UPS_IN_A_ROW = 5
API, ACCOUNTS = "TUNELAKE_SPOTIFY_API_URL", "TUNELAKE_SPOTIFY_ACCOUNTS_URL"

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


class Caller:
    """Asks the Spotify Web API.

    Attributes:
        halted: Why nothing is sent any more; empty while something is.
        parked: Until when, where the budget says so.
    """

    def __init__(self, settings: Settings, transport: Transport, clock: Clock, tally: Tally) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._tally = tally
        self._token: auth.Token | None = None
        self._token_lock = asyncio.Lock()
        self._reached: set[str] = set()
        self._give_ups = 0
        self.halted = ""
        self.parked: Cooldown | None = None

    async def ask(self, request: Request, check: Check, etag: str = "") -> Reply:
        """Ask until there is an answer for good, or none to be had now.

        Args:
            request: The question.
            check: Says what is wrong with a body.
            etag: Of the answer that is kept; where it still holds, the end is "unchanged".

        Raises:
            ConfigError: Nothing answers at the configured URL, or the client id or secret is refused.
        """
        tries = limited = 0
        while True:
            token = await self._fresh_token()
            if token is None:
                return self._held()
            response = await self._send(API, self._get(request, token, etag))
            if response.trouble != "parked":
                self._tally.calls[request.endpoint] += 1
            tries += 1
            limited += response.status == TOO_MANY
            problem, misshapen = check(response) if response.status == OK else ("", False)
            decision = decide(response, self._facts(tries, limited, problem, misshapen=misshapen))
            if decision.action == "renew_token" and self._token is token:
                self._token = None
            if await self._goes_on(decision):
                continue
            return self._held() if decision.action == "park" else self._ended(decision, response)

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

    def _facts(self, tries: int, limited: int, problem: str, *, misshapen: bool) -> Facts:
        return Facts(
            tries=tries,
            limited=limited,
            chance=self._clock.jitter(),
            body_problem=problem,
            misshapen=misshapen,
        )

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
        if decision.action == "give_up" and decision.kind != "misshapen":
            self._give_ups += 1
            if response.trouble == "unreachable" or (response.trouble and API not in self._reached):
                self._unreachable(API, decision.reason)
            elif self._give_ups >= GIVE_UPS_IN_A_ROW and not self.halted:
                self.halted = f"{self._give_ups} requests in a row failed, the last with: {decision.reason}"
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
        return Reply(action="held", response=HttpResponse(), at=self._clock.now(), reason=self.halted)

    def _park(self, cooldown: Cooldown) -> None:
        self.parked = cooldown
        until = cooldown.until.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        self.halted = f"parked until {until}: {cooldown.reason}"

    def _unreachable(self, address: str, reason: str) -> None:
        url = self._settings.spotify_api_url if address == API else self._settings.spotify_accounts_url
        if address not in self._reached:
            raise ConfigError(f"nothing answers at {url} ({reason}): start the server or set {address}")
        self.halted = self.halted or f"{url} does not answer any more ({reason})"

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
        tries = limited = 0
        while not self.halted:
            response = await self._send(ACCOUNTS, request)
            self._tally.tokens += response.trouble != "parked"
            tries += 1
            limited += response.status == TOO_MANY
            token = auth.read_token(response.body, self._clock.now()) if response.status == OK else None
            problem = "" if token else f"the answer holds no token: {auth.instead(response.body)}"
            decision = decide(response, self._facts(tries, limited, problem, misshapen=False))
            if decision.action == "accept":
                return token
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
        self.halted = self.halted or f"{url} gives no token ({decision.reason})"
