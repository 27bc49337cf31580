"""Asks for what is not known yet: ledger first, then the source; every answer lands before it is used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from tunelake.collect.decide import OK
from tunelake.collect.known import SERVER, Known, answered, known_from, name_on, still_known
from tunelake.collect.patient import Check, Reply
from tunelake.collect.ports import Answered, Clock, HttpResponse, Landing, Ledger
from tunelake.collect.together import Together
from tunelake.collect.voice import Voice
from tunelake.domain.pages import Listing, Page, Params, fingerprint, page_id
from tunelake.domain.states import State
from tunelake.sources.gist import Gist, Misshapen
from tunelake.sources.request import Request

KEPT_HEADERS = ("etag", "cache-control", "retry-after", "date", "content-type")
_STATES = {
    "accept": State.FETCHED,
    "absent": State.NOT_FOUND,
    "forbidden": State.FORBIDDEN,
    "gone": State.GONE,
    "refused": State.NOT_FOUND,
}

Place = Callable[[Gist, datetime], Listing | None]
"""Says where in a list a page stands, given its gist and when it came."""


class Caller(Protocol):
    """What sends a question, as often as it takes, and comes back with the end of it."""

    async def ask(self, request: Request, check: Check, etag: str = "") -> Reply:
        """Ask; see `caller.Caller.ask`."""


class Asker:
    """The way to ask one source, for everything that plans."""

    def __init__(
        self,
        voice: Voice,
        caller: Caller,
        ledger: Ledger,
        landing: Landing,
        clock: Clock,
        max_age: timedelta,
    ) -> None:
        self.base = voice.base
        self._voice = voice
        self._max_age = max_age
        self._caller = caller
        self._ledger = ledger
        self._landing = landing
        self._clock = clock
        self._asking: dict[str, asyncio.Lock] = {}
        self._together = Together(landing, busy=lambda: len(self._asking) > 1)

    def fresh(self, requests: Sequence[Request], since: datetime | None = None) -> list[Known | None]:
        """What the ledger knows and is young enough not to be asked again: from a time on, or by age."""
        names = [name_on(self.base, request) for request in requests]
        answers = self._ledger.answered(names)
        oldest = since or self._clock.now() - self._max_age
        return [
            still_known(answers.get(name), request, oldest)
            for name, request in zip(names, requests, strict=True)
        ]

    async def ask(
        self,
        request: Request,
        place: Place | None = None,
        *,
        again: bool = False,
        since: datetime | None = None,
    ) -> Known:
        """Ask one request.

        Args:
            request: The question.
            place: For a part of a list: where it stands.
            again: Ask the source even where the ledger knows.
            since: Ask again for what is older than this; where an answer with an ETag is kept, only whether
                it still holds.
        """
        if again:
            return await self._ask(request, place, since)
        name = name_on(self.base, request)
        lock = self._asking.setdefault(name, asyncio.Lock())
        try:
            # Who asks the same meanwhile waits for the answer.
            async with lock:
                return self.fresh([request], since)[0] or await self._ask(request, place, since)
        finally:
            self._asking.pop(name, None)

    async def _ask(self, request: Request, place: Place | None, since: datetime | None) -> Known:
        gists: list[Gist] = []

        def check(response: HttpResponse) -> tuple[str, bool]:
            try:
                gists[:] = [self._voice.gist(request, response.body)]
            except Misshapen as problem:
                return f"unexpected shape: {problem}", True
            except (ValueError, RecursionError) as problem:
                return f"not JSON: {problem}", False
            return "", False

        kept = self._kept(request) if since else None
        reply = await self._caller.ask(request, check, kept.etag if kept else "")
        if reply.action == "unchanged":
            return await self._unchanged(request, reply, kept)
        gist = gists[0] if reply.action == "accept" else Gist()
        return await self._keep(request, reply, gist, place)

    def remember(self, known: Known, parts: Sequence[tuple[Request, State, Gist]]) -> None:
        """Note that a batch also answered the single requests it stands for."""
        if known.page:
            page = known.page
            # The ETag is the batch's: it says nothing about one of its parts.
            page = msgspec.structs.replace(page, headers={})
            self._ledger.record(
                [answered(name_on(self.base, one), one, page, state, gist, "") for one, state, gist in parts]
            )

    def now(self) -> datetime:
        """The time."""
        return self._clock.now()

    def land_own(self, endpoint: str, path: str, params: Params, body: bytes, after: Known) -> None:
        """Land a record of Tunelake's own making that follows from an answer, once an answer."""
        request = Request(endpoint, path, params)
        known = self._ledger.answered([name_on(self.base, request)])
        if known and next(iter(known.values())).fetched_at >= after.at:
            return
        page = Page(
            page_id=page_id(fingerprint(after.source, path, params), after.at, body),
            source=after.source,
            rights=after.rights,
            endpoint=endpoint,
            path=path,
            params=params,
            status=OK,
            fetched_at=after.at,
            headers={SERVER: self.base},
            body=body,
        )
        self._landing.append(page)
        self._ledger.record([answered(name_on(self.base, request), request, page, State.FETCHED, Gist(), "")])

    def _kept(self, request: Request) -> Answered | None:
        """The answer that is kept, where it can be asked whether it still holds."""
        name = name_on(self.base, request)
        kept = self._ledger.answered([name]).get(name)
        return kept if kept and kept.etag and kept.state is State.FETCHED else None

    async def _unchanged(self, request: Request, reply: Reply, kept: Answered | None) -> Known:
        """The answer that is kept still holds; that it was asked lands too, without a body."""
        if kept is None:
            reason = "the source answers 304 to a question without condition"
            return Known(state=State.DEFERRED, gist=Gist(), at=reply.at, asked=True, reason=reason)
        page = self._page(request, reply, None)
        page = msgspec.structs.replace(page, source=kept.source, rights=kept.rights)
        await self._together.append(page)
        still = msgspec.structs.replace(kept, fetched_at=reply.at, etag=page.headers.get("etag", kept.etag))
        self._ledger.record([still])
        known = msgspec.structs.replace(known_from(still, request), asked=True)
        # What is remembered of its parts points to the page that has the body.
        return msgspec.structs.replace(
            known, page=msgspec.structs.replace(page, page_id=kept.page_id, status=OK)
        )

    async def _keep(self, request: Request, reply: Reply, gist: Gist, place: Place | None) -> Known:
        state = _STATES.get(reply.action, State.DEFERRED)
        if reply.action == "give_up" and reply.kind in {"malformed", "misshapen"}:
            state = State.QUARANTINED
        refused = reply.action == "refused"
        if state is State.DEFERRED or refused:
            return Known(
                state=state, gist=gist, at=reply.at, asked=True, reason=reply.reason, refused=refused,
                request=request.line,
            )  # fmt: skip
        listing = place(gist, reply.at) if place and state is State.FETCHED else None
        page = self._page(request, reply, listing)
        if kept := await self._together.append(page):
            return self._without(request, kept)
        self._ledger.record([answered(name_on(self.base, request), request, page, state, gist, reply.reason)])
        return Known(
            state=state, gist=gist, at=reply.at, asked=True, source=page.source, rights=page.rights,
            reason=reply.reason, body=reply.response.body, page_id=page.page_id,
            request=request.line, page=page,
        )  # fmt: skip

    def _without(self, request: Request, page: Page) -> Known:
        """Go by what was kept of an answer; where nothing may be kept, there was nothing."""
        try:
            gist = self._voice.gist(request, page.body)
        except (ValueError, RecursionError):
            return Known(
                state=State.NOT_FOUND, gist=Gist(), at=page.fetched_at, asked=True,
                reason="it was erased here, and may not come back",
            )  # fmt: skip
        state, name = State.FETCHED, name_on(self.base, request)
        self._ledger.record([answered(name, request, page, state, gist, "")])
        return Known(
            state=state, gist=gist, at=page.fetched_at, asked=True, source=page.source, rights=page.rights,
            body=page.body, page_id=page.page_id, request=request.line, page=page,
        )  # fmt: skip

    def _page(self, request: Request, reply: Reply, listing: Listing | None) -> Page:
        response = reply.response
        origin = self._voice.origin(request, response)
        return Page(
            page_id=page_id(
                fingerprint(origin.source, request.path, request.params), reply.at, response.body
            ),
            source=origin.source,
            rights=origin.rights,
            endpoint=request.endpoint,
            path=request.path,
            params=request.params,
            status=response.status,
            fetched_at=reply.at,
            headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            | {SERVER: self.base},
            body=response.body,
            listing=listing,
        )
