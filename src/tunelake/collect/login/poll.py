"""Asks what the logged-in user played lately; an async shell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tunelake.collect.aiohttp_transport import AiohttpTransport
from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.caller import Caller
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.pkce import Login
from tunelake.collect.login.session import LoginSession
from tunelake.collect.patient import Reply
from tunelake.collect.ports import Clock, HttpResponse, Landing, Transport
from tunelake.collect.tally import Progress, Tally
from tunelake.collect.watch import watched
from tunelake.domain.pages import Page, fingerprint, page_id
from tunelake.errors import ConfigError, Retryable
from tunelake.settings import Secret, Settings
from tunelake.sources.request import Request
from tunelake.sources.spotify import auth
from tunelake.sources.spotify.origin import origin_of

REMEMBERED = 50
"""As many plays back the API tells."""
_RECENT = Request("my_recent_plays", "/me/player/recently-played", (("limit", str(REMEMBERED)),))
_MARGIN = timedelta(seconds=60)

Known = Callable[[list[tuple[datetime, str]]], Collection[datetime]]
"""Says, of plays (time, track id), the times of those that are known from elsewhere."""


class Gap(msgspec.Struct, frozen=True):
    """Plays may be missing after the one time and before the other."""

    after: datetime
    before: datetime


class PollReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll brought.

    Attributes:
        plays: Plays the answer told.
        known: Those of them that an upload had told already.
        gap: Where plays were missed, because more happened since the last poll than the API tells.
        newest: The time of the latest play.
    """

    user_id: str
    source: str
    plays: int
    known: int
    calls: int
    newest: datetime | None = None
    gap: Gap | None = None


class _Track(msgspec.Struct):
    id: str | None = None


class _Item(msgspec.Struct):
    played_at: datetime
    track: _Track | None = None


class _Answer(msgspec.Struct):
    items: list[_Item | None]


class UserCaller(Caller):
    """Asks in the name of the user who is logged in."""

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        clock: Clock,
        tally: Tally,
        *,
        session: LoginSession,
    ) -> None:
        super().__init__(settings, transport, clock, tally)
        self._session = session
        self._had = ""

    async def _ask_token(self) -> auth.Token | None:
        # Asked again, it is because the last token was refused or is about to end.
        login = await self._session.access(refused=self._had)
        self._had = login.access
        return auth.Token(Secret(login.access), login.access_until - _MARGIN)


def poll(
    settings: Settings,
    landing: Landing,
    control: Path | None,
    files: LoginFiles,
    clock: Clock,
    *,
    newest: datetime | None,
    known: Known,
    progress: Progress | None = None,
) -> PollReport:
    """Ask once, and land the answer.

    Args:
        settings: Where to ask.
        landing: Where the answer is kept.
        control: The control database, beside which the budget is; None shares it with nobody.
        files: The login.
        clock: Tells the time.
        newest: The latest play of the poll before; None when there was none.
        known: Tells plays that are known from elsewhere.
        progress: Hears of each request, where it is a watch.

    Raises:
        ConfigError: Nobody is logged in, or the login does not allow it.
        Retryable: There is no answer now; the time is told where it is known.
    """

    async def main() -> PollReport:
        heard, waiting = watched(settings, AiohttpTransport(), clock, progress)
        transport = budgets.spotify(heard, waiting)
        try:
            session = LoginSession(settings, transport, files, clock)
            tally = Tally()
            caller = UserCaller(settings, transport, clock, tally, session=session)
            reply = await caller.ask(_RECENT, _check)
            if reply.action != "accept":
                raise _refusal(caller, reply)
            login = await session.access()
            return _keep(login, reply, landing, newest, known, sum(tally.calls.values()))
        finally:
            await transport.close()

    with Budgets(settings, control, "schedule") as budgets:
        return asyncio.run(main())


def _keep(
    login: Login, reply: Reply, landing: Landing, newest: datetime | None, known: Known, calls: int
) -> PollReport:
    plays = _plays(reply.response.body)
    had = sorted(set(known(plays)))
    marks = tuple(("known", moment.isoformat()) for moment in had)
    params = (*_RECENT.params, ("user", login.user_id), *marks)
    origin = origin_of(reply.response.headers)
    landing.append(
        Page(
            page_id=page_id(fingerprint(origin.source, _RECENT.path, params), reply.at, reply.response.body),
            source=origin.source,
            rights=origin.rights,
            endpoint=_RECENT.endpoint,
            path=_RECENT.path,
            params=params,
            status=reply.response.status,
            fetched_at=reply.at,
            headers={},
            body=reply.response.body,
        )
    )
    times = [at for at, _ in plays]
    return PollReport(
        user_id=login.user_id,
        source=origin.source,
        plays=len(plays),
        known=len(had),
        calls=calls,
        newest=max(times, default=None),
        gap=gap(times, newest),
    )


def gap(times: list[datetime], newest: datetime | None) -> Gap | None:
    """Where plays are missing: all that the API tells are newer than the last one known."""
    if newest is None or len(times) < REMEMBERED or min(times) <= newest:
        return None
    return Gap(newest, min(times))


def _plays(body: bytes) -> list[tuple[datetime, str]]:
    answer = msgspec.json.decode(body, type=_Answer)
    return [
        (item.played_at.astimezone(UTC), item.track.id)
        for item in answer.items
        if item and item.track and item.track.id
    ]


def _check(response: HttpResponse) -> tuple[str, bool]:
    try:
        _plays(response.body)
    except msgspec.ValidationError as problem:
        return f"unexpected shape: {problem}", True
    except (ValueError, RecursionError) as problem:
        return f"not JSON: {problem}", False
    return "", False


def _refusal(caller: Caller, reply: Reply) -> ConfigError | Retryable:
    if reply.action in {"forbidden", "gone", "absent", "refused"}:
        return ConfigError(f"what was played lately is not told ({reply.reason}): log in again and agree")
    until = caller.parked.until if caller.parked else None
    return Retryable(f"what was played lately cannot be had now: {reply.reason or caller.halted}", until)
