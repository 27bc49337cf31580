"""Asks an open source for what is not known yet; every answer lands before it is used."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from tunelake.collect.asker import SERVER
from tunelake.collect.decide import Action
from tunelake.collect.open_sources.caller import OpenCaller
from tunelake.collect.ports import Answered, Clock, HttpResponse, Landing, Ledger
from tunelake.domain.pages import Listing, Page, fingerprint, page_id
from tunelake.domain.states import State
from tunelake.sources.gist import Gist
from tunelake.sources.request import Request

KEPT_HEADERS = ("etag", "cache-control", "retry-after", "date", "content-type")
_STATES: dict[Action, State] = {
    "accept": State.FETCHED,
    "absent": State.NOT_FOUND,
    "forbidden": State.FORBIDDEN,
    "gone": State.GONE,
    "refused": State.NOT_FOUND,
}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a request now; `asked` is False when the ledger knew."""

    state: State
    gist: Gist
    at: datetime
    asked: bool
    reason: str = ""


class OpenAsker:
    """The way to ask one open source."""

    def __init__(
        self, caller: OpenCaller, ledger: Ledger, landing: Landing, clock: Clock, max_age: timedelta
    ) -> None:
        self._caller = caller
        self._ledger = ledger
        self._landing = landing
        self._clock = clock
        self._max_age = max_age

    def now(self) -> datetime:
        """The time."""
        return self._clock.now()

    async def ask(self, request: Request, listing: Listing | None = None) -> Known:
        """Ask one request; a part of a list is asked anew, so that the list is of one time."""
        name = fingerprint(self._caller.server.base, request.path, request.params)
        known = None if listing else self._ledger.answered([name]).get(name)
        oldest = self._clock.now() - self._max_age
        if known and known.fetched_at > oldest and known.state is not State.QUARANTINED:
            return _known(known)
        decision, response, gist = await self._caller.ask(request)
        at = self._clock.now()
        state = _STATES.get(decision.action, State.DEFERRED)
        if decision.action == "give_up" and decision.kind == "misshapen":
            state = State.QUARANTINED
        if state is not State.DEFERRED:
            page = self._page(request, response, at, _placed(listing, gist))
            self._landing.append(page)
            self._ledger.record([answered(name, page, state, gist, decision.reason)])
        return Known(state=state, gist=gist, at=at, asked=True, reason=decision.reason)

    def _page(self, request: Request, response: HttpResponse, at: datetime, listing: Listing | None) -> Page:
        server = self._caller.server
        asked = fingerprint(server.source, request.path, request.params)
        return Page(
            page_id=page_id(asked, at, response.body),
            source=server.source,
            rights=server.rights(request.endpoint),
            endpoint=request.endpoint,
            path=request.path,
            params=request.params,
            status=response.status,
            fetched_at=at,
            headers=_kept(response.headers) | {SERVER: server.base},
            body=response.body,
            listing=listing,
        )


def _kept(headers: dict[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in KEPT_HEADERS if name in headers}


def _placed(listing: Listing | None, gist: Gist) -> Listing | None:
    if listing is None:
        return None
    total = gist.part.total if gist.part else None
    whole = gist.part is not None and gist.part.next is None and total is not None
    return msgspec.structs.replace(listing, total=total, whole=whole)


def answered(name: str, page: Page, state: State, gist: Gist, reason: str) -> Answered:
    """What the ledger remembers of a page."""
    return Answered(
        fingerprint=name,
        endpoint=page.endpoint,
        path=page.path,
        status=page.status,
        state=state,
        page_id=page.page_id,
        fetched_at=page.fetched_at,
        source=page.source,
        rights=page.rights,
        reason=reason,
        etag=page.headers.get("etag", ""),
        gist=msgspec.json.encode(gist),
    )


def _known(answer: Answered) -> Known:
    return Known(
        state=answer.state,
        gist=msgspec.json.decode(answer.gist, type=Gist) if answer.gist else Gist(),
        at=answer.fetched_at,
        asked=False,
        reason=answer.reason,
    )
