"""Gets and renews the tokens of a user over a transport; an async shell."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec

from tunelake.collect.login import pkce
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.pkce import Login
from tunelake.collect.ports import Clock, HttpRequest, HttpResponse, Transport
from tunelake.errors import ConfigError, Retryable
from tunelake.settings import Settings
from tunelake.sources.spotify.origin import origin_of

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TRIES = 5
_OK = 200
_REFUSED = 400
_UNAUTHORISED = 401


class _Me(msgspec.Struct):
    id: str


class LoginSession:
    """The accounts service as one user's browser and their tokens see it."""

    def __init__(self, settings: Settings, transport: Transport, files: LoginFiles, clock: Clock) -> None:
        self._settings = settings
        self._transport = transport
        self._files = files
        self._clock = clock

    async def begin(self, redirect: str, code: str, verifier: str) -> Login:
        """Turn a consent into a login and keep it.

        Raises:
            ConfigError: The accounts service refuses.
            Retryable: It does not answer.
        """
        settings = self._settings
        form = pkce.exchange_form(settings.spotify_client_id, redirect, code, verifier)
        response = await self._post(settings.spotify_accounts_url, form)
        tokens = pkce.read_tokens(response.body) if response.status == _OK else None
        if tokens is None:
            why = pkce.refused_with(response.body) or f"status {response.status}"
            raise ConfigError(f"{settings.spotify_accounts_url} gives no tokens: {why}")
        now = self._clock.now()
        user_id, source = await self._who(tokens.access_token)
        empty = Login(
            user_id=user_id,
            source=source,
            server=settings.spotify_api_url,
            accounts=settings.spotify_accounts_url,
            client_id=settings.spotify_client_id,
            scope=tokens.scope,
            access="",
            access_until=now,
            refresh="",
            since=now,
        )
        login = pkce.renewed(empty, tokens, now)
        self._files.write(login)
        return login

    async def access(self, refused: str = "") -> Login:
        """Return the login with an access token that is good for a while, renewed where needed.

        Args:
            refused: An access token that the API did not take.

        Raises:
            ConfigError: Nobody is logged in, or the login has ended.
            Retryable: The accounts service does not answer.
        """
        login = self._kept()
        if login.is_fresh(self._clock.now(), refused):
            return login
        # Waiting for the lock must not stop the loop: who holds it may be another task of it.
        lock = self._files.alone()
        await asyncio.to_thread(lock.__enter__)
        try:
            login = self._kept()  # somebody may have renewed it meanwhile
            return login if login.is_fresh(self._clock.now(), refused) else await self._renew(login)
        finally:
            lock.__exit__(None, None, None)

    def _kept(self) -> Login:
        login = self._files.read()
        if login is None:
            raise ConfigError("nobody is logged in: run `tunelake login`")
        if login.ended:
            raise pkce.again(login.ended)
        if login.server != self._settings.spotify_api_url:
            raise ConfigError(
                f"the login is for {login.server}, but TUNELAKE_SPOTIFY_API_URL is "
                f"{self._settings.spotify_api_url}: log in again with `tunelake login`"
            )
        return login

    async def _renew(self, login: Login) -> Login:
        response = await self._post(login.accounts, pkce.refresh_form(login))
        tokens = pkce.read_tokens(response.body) if response.status == _OK else None
        if tokens is None:
            why = pkce.refused_with(response.body) or f"status {response.status}"
            if why.startswith(("invalid_grant", "invalid_client")):
                self._files.write(msgspec.structs.replace(login, ended=why, access="", refresh=""))
                raise pkce.again(why)
            raise Retryable(f"{login.accounts} gives no new token: {why}")
        login = pkce.renewed(login, tokens, self._clock.now())
        # The old refresh token is dead by now: the new one is kept before anything else happens.
        self._files.write(login)
        return login

    async def _who(self, access: str) -> tuple[str, str]:
        url = f"{self._settings.spotify_api_url}/me"
        request = HttpRequest(method="GET", url=url, headers={"Authorization": f"Bearer {access}"})
        response = await self._send(request)
        try:
            user_id = msgspec.json.decode(response.body, type=_Me).id if response.status == _OK else ""
        except msgspec.DecodeError:
            user_id = ""
        if not user_id:
            raise Retryable(f"{url} does not say who logged in (status {response.status}): log in again")
        return user_id, origin_of(response.headers).source

    async def _post(self, accounts: str, form: bytes) -> HttpResponse:
        return await self._send(
            HttpRequest(method="POST", url=accounts + pkce.TOKEN, headers=_FORM, body=form, endpoint="token")
        )

    async def _send(self, request: HttpRequest) -> HttpResponse:
        """Send, and again after what passes by itself."""
        response = HttpResponse()
        for number in range(_TRIES):
            response = await self._transport.send(request)
            known = response.status in (_OK, _REFUSED, _UNAUTHORISED)
            whole = response.status != _OK or response.body.rstrip().endswith(b"}")
            if known and whole and not response.trouble:
                return response
            await self._clock.sleep(0.1 * 2**number)
        why = response.detail or f"status {response.status}"
        raise Retryable(f"{request.url} does not answer ({why}): try again later")


def left(until: datetime, now: datetime) -> str:
    """How long something lasts, for people."""
    seconds = (until - now).total_seconds()
    if seconds <= 0:
        return "over"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 2 * 86_400 else f"{seconds / 86_400:.0f} days"
