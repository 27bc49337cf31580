"""What is known about a request, and how the ledger keeps it. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tunelake.collect.ports import Answered
from tunelake.domain.pages import Page, fingerprint
from tunelake.domain.states import State
from tunelake.sources.gist import Gist
from tunelake.sources.request import Request

SERVER = "tunelake-server"
"""Among the headers of a landed page: the base of the API that answered; a ledger can be made anew by it."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a request now.

    Attributes:
        state: FETCHED, NOT_FOUND, FORBIDDEN, GONE, QUARANTINED or DEFERRED.
        page_id: The page that holds the content.
        request: What was asked, path and parameters.
        gist: What follows from it; empty unless FETCHED.
        asked: False when the ledger knew.
        refused: The server did not understand the question (status 400 and the like).
    """

    state: State
    gist: Gist
    at: datetime
    asked: bool
    source: str = ""
    rights: str = ""
    reason: str = ""
    refused: bool = False
    body: bytes = b""
    page_id: str = ""
    request: str = ""
    page: Page | None = None


def name_on(server: str, request: Request) -> str:
    """The fingerprint of a request to a server."""
    return fingerprint(server, request.path, request.params)


def answered(name: str, request: Request, page: Page, state: State, gist: Gist, reason: str) -> Answered:
    """The ledger's record of an answer."""
    return Answered(
        fingerprint=name,
        endpoint=request.endpoint,
        path=request.path,
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


def known_from(answer: Answered, request: Request) -> Known:
    """What a record of the ledger says, nothing having been asked."""
    return Known(
        state=answer.state,
        gist=msgspec.json.decode(answer.gist, type=Gist) if answer.gist else Gist(),
        at=answer.fetched_at,
        asked=False,
        source=answer.source,
        rights=answer.rights,
        reason=answer.reason,
        page_id=answer.page_id,
        request=request.line,
    )


def still_known(answer: Answered | None, request: Request, oldest: datetime) -> Known | None:
    """The same where it is younger than a time and could be read."""
    if answer is None or answer.fetched_at <= oldest or answer.state is State.QUARANTINED:
        return None
    return known_from(answer, request)
