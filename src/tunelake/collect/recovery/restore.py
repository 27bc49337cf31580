"""What a landed page tells a ledger that does not know of it, so that nothing is asked twice. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tunelake.collect.account import artist_sight, sight
from tunelake.collect.batch import KINDS, states_of
from tunelake.collect.decide import NOT_MODIFIED, OK
from tunelake.collect.entities import Sight
from tunelake.collect.known import SERVER, Known, answered, name_on
from tunelake.collect.match import Match, match
from tunelake.collect.ports import Answered, Want
from tunelake.collect.resolve import named
from tunelake.collect.voice import Voice
from tunelake.domain.pages import Page
from tunelake.domain.states import State
from tunelake.sources.gist import Gist, Misshapen
from tunelake.sources.musicbrainz.endpoints import name_searched
from tunelake.sources.request import Request
from tunelake.sources.spotify.read import refusal

_STATES = {OK: State.FETCHED, 403: State.FORBIDDEN, 410: State.GONE, 404: State.NOT_FOUND}
_OWN = "alias"
_ARTIST, _ARTISTS = {"artist", "mb_artist"}, {"artists", "lb_artist_counts"}
_LISTS = {
    "artist_albums": "albums",
    "mb_release_groups": "albums",
    "mb_releases": "releases",
    "mb_recordings": "tracks",
}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a page tells: answers (its own first), things seen, and the want that it answers."""

    answers: tuple[Answered, ...]
    sights: tuple[Sight, ...] = ()
    want: Want | None = None


def told_by(page: Page, voice: Voice, known: Mapping[str, Answered]) -> Told | None:
    """Read a landed page as the run that landed it would have.

    Args:
        page: The page.
        voice: The source whose ledger is to be told.
        known: What the ledger knows, by fingerprint; only needed for what was found unchanged.

    Returns:
        None for a page that tells this ledger nothing.
    """
    if page.headers.get(SERVER) != voice.base:
        return None
    request = Request(page.endpoint, page.path, page.params)
    name = name_on(voice.base, request)
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
        state, gist, reason = _read(voice, request, page)
    own = answered(name, request, page, state, gist, reason)
    parts = _parts(voice.base, request, page, gist) if state is State.FETCHED else []
    answer = Known(
        state=state, gist=gist, at=page.fetched_at, asked=True, page_id=page.page_id, request=request.line
    )
    return Told(
        answers=(own, *(part for part, _ in parts)),
        sights=tuple(_sights(request, page, answer, parts)),
        want=_want(request, answer),
    )


def _read(voice: Voice, request: Request, page: Page) -> tuple[State, Gist, str]:
    if page.endpoint == _OWN:
        return State.FETCHED, Gist(), ""
    state = _STATES.get(page.status, State.NOT_FOUND)
    if state is not State.FETCHED:
        return state, Gist(), f"status {page.status}: {refusal(page.body)[0] or 'no message'}"
    try:
        return state, voice.gist(request, page.body), ""
    except Misshapen as problem:
        return State.QUARANTINED, Gist(), f"unexpected shape: {problem}"
    except (ValueError, RecursionError) as problem:
        return State.QUARANTINED, Gist(), f"not JSON: {problem}"


def _parts(server: str, request: Request, page: Page, gist: Gist) -> list[tuple[Answered, str]]:
    """The single requests that a batch also answered, each with its id."""
    kind = KINDS.get(request.endpoint)
    listed = request.param(kind.listed) if kind else None
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
    if request.endpoint in _ARTISTS:
        return [
            artist_sight(
                one,
                msgspec.structs.replace(
                    answer, state=part.state, gist=msgspec.json.decode(part.gist, type=Gist)
                ),
            )
            for part, one in parts
        ]
    if request.endpoint in _ARTIST:
        hits = answer.gist.hits
        return [artist_sight(hits[0].id if hits else request.path.split("/")[2], answer)]
    found = _found(request, answer)
    if found and found.hit and request.endpoint == "search":
        return [sight("artist", found.hit.id, answer, found.hit.digest)]
    listing, kind = page.listing, _LISTS.get(request.endpoint)
    if kind and listing and listing.whole:
        one = request.param("artist") or request.path.split("/")[2]
        return [
            Sight(
                kind=kind, id=one, state=State.FETCHED, at=listing.started_at, request=request.line,
                page_id=page.page_id, total=listing.total, seen=listing.total,
            )
        ]  # fmt: skip
    return []


def _found(request: Request, answer: Known) -> Match | None:
    """Who the name of a search was found to mean."""
    asked = _asked(request)
    if asked is None or answer.state is not State.FETCHED:
        return None
    return match(asked, answer.gist.hits)


def _asked(request: Request) -> str | None:
    if request.endpoint == "search":
        return request.param("q")
    return name_searched(request) if request.endpoint == "mb_search" else None


def _want(request: Request, answer: Known) -> Want | None:
    asked, found = _asked(request), _found(request, answer)
    return named(asked, found, fresh=False) if asked and found else None
