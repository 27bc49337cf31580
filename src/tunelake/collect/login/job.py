"""The synchronous front of the login: one call from the question to the kept tokens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from tunelake.collect.aiohttp_transport import AiohttpTransport
from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.login import pkce
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.http_receiver import Receiver
from tunelake.collect.login.pkce import Login
from tunelake.collect.login.session import LoginSession
from tunelake.collect.ports import Clock
from tunelake.errors import ConfigError
from tunelake.settings import Settings

Result = TypeVar("Result")


def log_in(
    settings: Settings,
    files: LoginFiles,
    clock: Clock,
    show: Callable[[str], None],
    *,
    control: Path | None = None,
    port: int = 0,
    wait_s: float = 300.0,
) -> Login:
    """Let a user log in with a browser.

    Args:
        settings: At which server, as which application; no client secret is needed.
        files: Where the login is kept.
        clock: Tells the time.
        show: Is given the address that a browser has to open.
        control: The control database, beside which the budget is; None shares it with nobody.
        port: Port of 127.0.0.1 to come back to; 0: a free one.
        wait_s: How long the user may take, in seconds.

    Raises:
        ConfigError: There is no client id, or the user or the server refuses.
        Retryable: Nobody came back in time, or the server does not answer.
    """
    if not settings.spotify_client_id:
        raise ConfigError(
            "no client id: set TUNELAKE_SPOTIFY_CLIENT_ID (a sandbox prints one when it starts)"
        )
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(24)
    with Receiver(port) as receiver:
        url = pkce.authorize_url(
            settings.spotify_accounts_url, settings.spotify_client_id, receiver.redirect, state, verifier
        )
        show(url)
        code = pkce.code_in(receiver.wait(wait_s), state)
    return with_session(
        settings, files, clock, lambda session: session.begin(receiver.redirect, code, verifier), control
    )


def with_session(
    settings: Settings,
    files: LoginFiles,
    clock: Clock,
    work: Callable[[LoginSession], Coroutine[Any, Any, Result]],
    control: Path | None = None,
) -> Result:
    """Run something that needs the accounts service."""

    async def main() -> Result:
        transport = budgets.spotify(AiohttpTransport(), clock)
        try:
            return await work(LoginSession(settings, transport, files, clock))
        finally:
            await transport.close()

    with Budgets(settings, control, "on demand") as budgets:
        return asyncio.run(main())
