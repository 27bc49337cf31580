"""Sends requests within the limits of the other side: tokens, retries, pauses, cooldowns.

An async shell over ports; what to do about each answer is decided in `decide.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tunelake.collect.decide import Decision, Facts, decide
from tunelake.collect.ports import Clock, Cooldown, HttpRequest, HttpResponse, Ledger, Transport
from tunelake.collect.tally import Tally
from tunelake.errors import ConfigError
from tunelake.settings import Settings
from tunelake.sources.request import Request
from tunelake.sources.spotify import auth

CONCURRENCY = 8
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


class Caller:
    """Asks the Spotify Web API, at most a few requests at once."""

    def __init__(
        self, settings: Settings, transport: Transport, ledger: Ledger, clock: Clock, tally: Tally
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._ledger = ledger
        self._clock = clock
        self._tally = tally
        self._gate = asyncio.Semaphore(CONCURRENCY)
        self._token: auth.Token | None = None
        self._token_lock = asyncio.Lock()
        self._closed_until: datetime | None = None
        self._reached = False
        self._give_ups = 0
        self.halted = ""
        self.parked: Cooldown | None = None
        cooldown = ledger.cooldown()
        if cooldown and cooldown.until > clock.now():
            self._park(cooldown)

    async def ask(self, request: Request, check: Check, etag: str = "") -> Reply:
        """Ask until there is an answer for good, or none to be had now.

        Args:
            request: The question.
            check: Says what is wrong with a body.
            etag: Of the answer that is kept; where it still holds, the end is "unchanged".

        Raises:
            ConfigError: Nothing answers at the configured URL, or the client id or secret is refused.
        """
        async with self._gate:
            return await self._ask(request, check, etag)

    async def _ask(self, request: Request, check: Check, etag: str) -> Reply:
        tries = limited = 0
        while True:
            token = await self._fresh_token()
            if token is None:
                return self._held()
            response = await self._send(self._get(request, token, etag))
            self._tally.calls[request.endpoint] += 1
            tries += 1
            limited += response.status == 429  # noqa: PLR2004  too many requests
            problem, misshapen = check(response) if response.status == 200 else ("", False)  # noqa: PLR2004
            decision = decide(response, self._facts(tries, limited, problem, misshapen=misshapen))
            if decision.action == "renew_token" and self._token is token:
                self._token = None
            if await self._goes_on(decision):
                continue
            if decision.action == "park":
                return self._held()
            return self._ended(decision, response)

    def _get(self, request: Request, token: auth.Token, etag: str) -> HttpRequest:
        return HttpRequest(
            method="GET",
            url=f"{self._settings.spotify_api_url}{request.line}",
            headers={"Authorization": token.header()} | ({"If-None-Match": etag} if etag else {}),
        )

    async def _send(self, request: HttpRequest) -> HttpResponse:
        response = await self._transport.send(request)
        self._reached = self._reached or response.trouble is None
        return response

    def _facts(self, tries: int, limited: int, problem: str, *, misshapen: bool) -> Facts:
        return Facts(
            tries=tries,
            limited=limited,
            now=self._clock.now(),
            max_wait_s=self._settings.max_wait_seconds,
            chance=self._clock.jitter(),
            body_problem=problem,
            misshapen=misshapen,
        )

    async def _goes_on(self, decision: Decision) -> bool:
        """Wait where the decision is to try again; park where it says so."""
        if decision.action == "park" and decision.until:
            self._park(Cooldown(decision.until, decision.reason))
            self._ledger.put_cooldown(Cooldown(decision.until, decision.reason))
            return False
        if decision.action not in {"retry", "renew_token"}:
            return False
        self._tally.retries[decision.kind] += 1
        if decision.kind == "rate_limited":
            # The limit is the application's, so everybody waits.
            opens = self._clock.now() + timedelta(seconds=decision.wait_s)
            self._closed_until = max(self._closed_until or opens, opens)
        elif decision.wait_s:
            await self._clock.sleep(decision.wait_s)
        return True

    async def _open(self) -> bool:
        """Wait while the rate limit is shut; False when nothing may be sent any more."""
        while not self.halted and self._closed_until:
            left = (self._closed_until - self._clock.now()).total_seconds()
            if left <= 0:
                break
            await self._clock.sleep(left)
        return not self.halted

    def _ended(self, decision: Decision, response: HttpResponse) -> Reply:
        if decision.action == "give_up" and decision.kind != "misshapen":
            self._give_ups += 1
            if response.trouble == "unreachable" or (response.trouble and not self._reached):
                self._unreachable(self._settings.spotify_api_url, "TUNELAKE_SPOTIFY_API_URL", decision.reason)
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

    def _unreachable(self, url: str, variable: str, reason: str) -> None:
        if not self._reached:
            raise ConfigError(f"nothing answers at {url} ({reason}): start the server or set {variable}")
        self.halted = self.halted or f"{url} does not answer any more ({reason})"

    async def _fresh_token(self) -> auth.Token | None:
        """The token, renewed by one task while the others wait; None when the run is halted."""
        if not await self._open():
            return None
        async with self._token_lock:
            if self._token is None or self._token.renew_at <= self._clock.now():
                self._token = await self._ask_token()
            return self._token

    async def _ask_token(self) -> auth.Token | None:
        url = self._settings.spotify_accounts_url
        headers = auth.token_headers(self._settings)
        tries = limited = 0
        while await self._open():
            request = HttpRequest(method="POST", url=url + auth.TOKEN_PATH, headers=headers, body=auth.FORM)
            response = await self._send(request)
            self._tally.tokens += 1
            tries += 1
            limited += response.status == 429  # noqa: PLR2004  too many requests
            token = auth.read_token(response.body, self._clock.now()) if response.status == 200 else None  # noqa: PLR2004
            problem = "" if token else "the answer holds no token"
            decision = decide(response, self._facts(tries, limited, problem, misshapen=False))
            if decision.action == "accept":
                return token
            if decision.action in {"refused", "renew_token"}:
                raise auth.wrong_credentials(url, decision.reason)
            if decision.action in {"absent", "forbidden", "gone"}:
                raise ConfigError(
                    f"{url} gives no tokens ({decision.reason}): set TUNELAKE_SPOTIFY_ACCOUNTS_URL"
                )
            if not await self._goes_on(decision):
                if decision.action == "give_up":
                    self._unreachable(url, "TUNELAKE_SPOTIFY_ACCOUNTS_URL", decision.reason)
                return None
        return None
