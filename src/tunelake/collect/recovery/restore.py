"""What a landed page tells a ledger that does not know of it, so that nothing is asked twice. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tunelake.collect.account import artist_sight, sight
from tunelake.collect.asker import SERVER, Known, answered
from tunelake.collect.batch import KINDS, states_of
from tunelake.collect.decide import NOT_MODIFIED, OK
from tunelake.collect.entities import Sight
from tunelake.collect.match import match
from tunelake.collect.ports import Answered, Want
from tunelake.collect.resolve import named
from tunelake.domain.pages import Page, fingerprint
from tunelake.domain.states import State
from tunelake.sources.gist import Gist, Misshapen
from tunelake.sources.request import Request
from tunelake.sources.spotify.read import read_gist, refusal

_STATES = {OK: State.FETCHED, 403: State.FORBIDDEN, 410: State.GONE, 404: State.NOT_FOUND}
_OWN = "alias"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a page tells: answers (its own first), things seen, and the want that it answers."""

    answers: tuple[Answered, ...]
    sights: tuple[Sight, ...] = ()
    want: Want | None = None


def name_on(server: str, request: Request) -> str:
    """The fingerprint of a request to a server."""
    return fingerprint(server, request.path, request.params)


def told_by(page: Page, server: str, known: Mapping[str, Answered]) -> Told | None:
    """Read a landed page as the run that landed it would have.

    Args:
        page: The page.
        server: The base of the API whose ledger is to be told.
        known: What the ledger knows, by fingerprint; only needed for what was found unchanged.

    Returns:
        None for a page that tells this ledger nothing.
    """
    if page.headers.get(SERVER) != server:
        return None
    request = Request(page.endpoint, page.path, page.params)
    name = name_on(server, request)
    if page.status == NOT_MODIFIED:
        kept = known.get(name)
        if kept is None:
            return None
        page = msgspec.structs.replace(
            page, page_id=kept.page_id, status=kept.status, headers={"etag": kept.etag}
        )
        gist, reason = msgspec.json.decode(kept.gist, type=Gist), ""
        state = State.FETCHED
    else:
        state, gist, reason = _read(request, page)
    own = answered(name, request, page, state, gist, reason)
    parts = _parts(server, request, page, gist) if state is State.FETCHED else []
    answer = Known(
        state=state, gist=gist, at=page.fetched_at, asked=True, page_id=page.page_id, request=request.line
    )
    return Told(
        answers=(own, *(part for part, _ in parts)),
        sights=tuple(_sights(request, page, answer, parts)),
        want=_want(request, answer),
    )


def _read(request: Request, page: Page) -> tuple[State, Gist, str]:
    if page.endpoint == _OWN:
        return State.FETCHED, Gist(), ""
    state = _STATES.get(page.status, State.NOT_FOUND)
    if state is not State.FETCHED:
        return state, Gist(), f"status {page.status}: {refusal(page.body)[0] or 'no message'}"
    try:
        return state, read_gist(request, page.body), ""
    except Misshapen as problem:
        return State.QUARANTINED, Gist(), f"unexpected shape: {problem}"
    except (ValueError, RecursionError) as problem:
        return State.QUARANTINED, Gist(), f"not JSON: {problem}"


def _parts(server: str, request: Request, page: Page, gist: Gist) -> list[tuple[Answered, str]]:
    """The single requests that a batch also answered, each with its id."""
    kind, listed = KINDS.get(request.endpoint), request.param("ids")
    if kind is None or listed is None or (not page.body and kind.endpoint == "albums"):
        return []
    ids = listed.split(",")
    bare = msgspec.structs.replace(page, headers={})
    return [
        (answered(name_on(server, kind.one(one)), kind.one(one), bare, state, told, ""), one)
        for one, (state, told) in zip(ids, states_of(kind, ids, page.body, gist), strict=True)
    ]


def _sights(
    request: Request, page: Page, answer: Known, parts: Sequence[tuple[Answered, str]]
) -> list[Sight]:
    if request.endpoint == "artists":
        return [
            artist_sight(
                one,
                msgspec.structs.replace(
                    answer, state=part.state, gist=msgspec.json.decode(part.gist, type=Gist)
                ),
            )
            for part, one in parts
        ]
    if request.endpoint == "artist":
        return [artist_sight(request.path.split("/")[2], answer)]
    asked = request.param("q")
    if request.endpoint == "search" and asked:
        hit = match(asked, answer.gist.hits).hit
        return [sight("artist", hit.id, answer, hit.digest)] if hit else []
    listing = page.listing
    if request.endpoint == "artist_albums" and listing and listing.whole:
        one = request.path.split("/")[2]
        return [
            Sight(
                kind="albums", id=one, state=State.FETCHED, at=listing.started_at, request=request.line,
                page_id=page.page_id, total=listing.total, seen=listing.total,
            )
        ]  # fmt: skip
    return []


def _want(request: Request, answer: Known) -> Want | None:
    asked = request.param("q")
    if request.endpoint == "search" and asked and answer.state is State.FETCHED:
        return named(asked, match(asked, answer.gist.hits), fresh=False)
    return None
