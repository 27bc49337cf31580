"""From names or ids to everything about the artists that was asked for; an async shell.

The plan spends as few calls as are known to do: a search answer already holds the artist; albums come
twenty a call with their tracks; features a hundred a call. Names are taken a thousand at a time, so that
a million of them need no more memory than a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice

import msgspec

from tunelake.collect.asked import read_names
from tunelake.collect.batch import ARTISTS
from tunelake.collect.jobs.discover import NOBODY, Bounds
from tunelake.collect.jobs.discovery import Discovery
from tunelake.collect.jobs.neighbours import SpotifyNeighbours
from tunelake.collect.jobs.parts import Part, Parts
from tunelake.collect.jobs.refresh import refresh
from tunelake.collect.jobs.session import Session
from tunelake.collect.ports import Want
from tunelake.collect.report import Outcome, RunReport
from tunelake.collect.resolve import Resolver
from tunelake.domain.states import State

AT_ONCE = 1000
"""A multiple of every batch: what is lost to batches that are not full is less than one call in a hundred."""


class ArtistRun:
    """One run over artists."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._parts = Parts(session)
        self._outcome = Outcome()

    async def artists(
        self,
        names: Iterable[str],
        ids: Sequence[str],
        parts: frozenset[Part],
        markets: Sequence[str],
        bounds: Bounds = NOBODY,
    ) -> RunReport:
        """Collect artists with the parts asked for, and those discovered from them."""
        neighbours = SpotifyNeighbours(self._session, self._parts, bounds.way)
        discovery = Discovery(neighbours, bounds, self._session.account)
        lines, rest = iter(names), list(ids)
        left = 0
        while (some := list(islice(lines, AT_ONCE))) or rest:
            chosen, rest = rest[: AT_ONCE - len(some)], rest[AT_ONCE - len(some) :]
            self._want(some, chosen)
            if self._session.caller.halted and self._outcome.begun:
                left += len(some) + len(chosen)
                continue
            await self._some(some, chosen, parts, markets, discovery)
        self._outcome.leave("names and ids", left, self._session.caller.halted)
        discovery.tell()
        return self._session.report(self._outcome)

    async def refresh(self, age: timedelta | None) -> RunReport:
        """Look again at known artists; `age` None goes by how often each changes."""
        session = self._session
        oldest = session.max_age if age is None else age
        outcome = await refresh(
            session.batcher, ARTISTS, session.ledger, session.account, session.clock, oldest,
            by_change=age is None,
        )  # fmt: skip
        return session.report(outcome)

    async def _some(
        self,
        lines: Sequence[str],
        ids: Sequence[str],
        parts: frozenset[Part],
        markets: Sequence[str],
        discovery: Discovery,
    ) -> None:
        session = self._session
        resolver = Resolver(session.asker, session.batcher, session.progress)
        wants = [*await resolver.names(lines), *await resolver.ids(ids)]
        session.account.see(resolver.sights)
        session.account.tell()
        more = bool(parts) or discovery.goes_on
        # What is to come is owed until it is there, so that a process that ends forgets nothing.
        session.ledger.put_wants(_half_done(wants) if more else wants, session.clock.now())
        named = {want.artist_id: want.name or "" for want in wants if want.artist_id}
        discovered = await discovery.from_(named)
        named |= {want.artist_id: want.name or "" for want in discovered if want.artist_id}
        await self._parts.collect(named, parts, markets)
        session.account.tell()
        session.ledger.put_wants([*wants, *discovered], session.clock.now())
        self._outcome.add(wants)

    def _want(self, lines: Sequence[str], ids: Sequence[str]) -> None:
        """Note what is owed before anything is sent, so that an interrupted run does not forget it."""
        asked = [*(one.text for one in read_names(lines)), *ids]
        self._session.ledger.want("artist", asked, self._session.clock.now())


def _half_done(wants: Sequence[Want]) -> list[Want]:
    reason = "found; what was asked for beside is still to be collected"
    return [
        msgspec.structs.replace(want, state=State.WANTED, reason=reason) if want.artist_id else want
        for want in wants
    ]
