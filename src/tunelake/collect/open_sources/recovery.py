"""Brings the ledgers of open sources up to the landing log, where a process ended between the two."""

from __future__ import annotations

from collections.abc import Iterable

from tunelake.collect.asker import SERVER
from tunelake.collect.open_sources.asker import answered
from tunelake.collect.open_sources.servers import Server
from tunelake.collect.ports import Landed, Ledger
from tunelake.domain.pages import Page, fingerprint
from tunelake.domain.states import State
from tunelake.sources.gist import Gist
from tunelake.sources.request import Request

_STATES = {200: State.FETCHED, 403: State.FORBIDDEN, 410: State.GONE}


def recover_open(ledger: Ledger, server: Server, pages: Iterable[Landed]) -> int:
    """Tell a ledger of landed pages that it does not know of; returns how many these were."""
    found = 0
    for landed in pages:
        page = landed.page
        if page.headers.get(SERVER) != server.base:
            continue
        name = fingerprint(server.base, page.path, page.params)
        known = ledger.answered([name]).get(name)
        if known is None or known.fetched_at < page.fetched_at:
            state, gist = _read(server, page)
            ledger.record([answered(name, page, state, gist, "")])
            found += 1
    return found


def _read(server: Server, page: Page) -> tuple[State, Gist]:
    state = _STATES.get(page.status, State.NOT_FOUND)
    if state is not State.FETCHED:
        return state, Gist()
    try:
        return state, server.gist(Request(page.endpoint, page.path, page.params), page.body)
    except (ValueError, RecursionError):
        return State.QUARANTINED, Gist()
