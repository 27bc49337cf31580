"""From names or ids to what open sources have of artists; an async shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import islice

from tunelake.collect.account import artist_sight
from tunelake.collect.asked import read_names
from tunelake.collect.batch import LISTENERS, PEOPLE
from tunelake.collect.crew import each
from tunelake.collect.jobs.discover import NOBODY, Bounds
from tunelake.collect.jobs.discovery import Discovery
from tunelake.collect.jobs.open_find import Finder
from tunelake.collect.jobs.open_neighbours import OpenNeighbours
from tunelake.collect.jobs.open_session import OpenSession
from tunelake.collect.jobs.refresh import refresh
from tunelake.collect.lists.reading import Reading
from tunelake.collect.open_sources.parts import LISTS
from tunelake.collect.report import Outcome, RunReport
from tunelake.sources.listenbrainz import endpoints as listenbrainz
from tunelake.sources.request import Request

AT_ONCE = 1000


class OpenRun:
    """One run over artists of an open source."""

    def __init__(self, session: OpenSession) -> None:
        self._session = session
        self._finder = Finder(session)
        self._outcome = Outcome()

    async def artists(
        self, names: Iterable[str], ids: Sequence[str], parts: Sequence[str], bounds: Bounds = NOBODY
    ) -> RunReport:
        """Collect artists with the parts asked for, and those discovered from them."""
        neighbours = OpenNeighbours(self._session, self._finder)
        discovery = Discovery(neighbours, bounds, self._session.named.account)
        lines, rest, left = iter(names), list(ids), 0
        while (some := list(islice(lines, AT_ONCE))) or rest:
            chosen, rest = rest[: AT_ONCE - len(some)], rest[AT_ONCE - len(some) :]
            asked = [*(one.text for one in read_names(some)), *filter(None, map(str.strip, chosen))]
            self._session.named.ledger.want("artist", asked, self._session.clock.now())
            if self._session.musicbrainz.caller.halted and self._outcome.begun:
                left += len(asked)
                continue
            await self._some(some, chosen, parts, discovery)
        self._outcome.leave("names and ids", left, self._session.musicbrainz.caller.halted)
        discovery.tell()
        return self._session.report(self._outcome)

    async def refresh(self, age: timedelta | None) -> RunReport:
        """Look again at known artists; `age` None goes by how often each changes."""
        side = self._session.named
        kind = PEOPLE if self._session.source == "musicbrainz" else LISTENERS
        oldest = self._session.max_age if age is None else age
        outcome = await refresh(
            side.batcher, kind, side.ledger, side.account, self._session.clock, oldest, by_change=age is None
        )
        return self._session.report(outcome)

    async def _some(
        self, lines: Sequence[str], ids: Sequence[str], parts: Sequence[str], discovery: Discovery
    ) -> None:
        wants = [*await self._finder.names(lines), *await self._finder.ids(ids)]
        self._session.musicbrainz.account.tell()
        named = {want.artist_id: want.name or "" for want in wants if want.artist_id}
        discovered = await discovery.from_(named)
        found = list(dict.fromkeys([*named, *(want.artist_id for want in discovered if want.artist_id)]))
        await (self._works if self._session.source == "musicbrainz" else self._listeners)(found, parts)
        self._session.named.account.tell()
        self._session.named.ledger.put_wants([*wants, *discovered], self._session.clock.now())
        self._outcome.add(wants)

    async def _works(self, mbids: Sequence[str], parts: Sequence[str]) -> None:
        side = self._session.musicbrainz
        for part, first in LISTS.items():
            if part not in parts:
                continue

            async def read(mbid: str, first: Callable[[str], Request] = first) -> Reading:
                return await side.lists.read(first(mbid))

            for mbid, reading in zip(
                mbids, await each(part, mbids, read, self._session.progress), strict=True
            ):
                side.account.reading(f"{part} of artist {mbid}", part, mbid, reading)

    async def _listeners(self, mbids: Sequence[str], parts: Sequence[str]) -> None:
        side = self._session.listenbrainz
        counts = await side.batcher.fetch("listeners", LISTENERS, mbids)
        for mbid, known in counts.items():
            # First with what was counted, by which a later count is found the same.
            side.account.see([artist_sight(mbid, known)])
            side.account.known(f"listeners of artist {mbid}", "artist", mbid, known, note=False)
        for part, make in (
            ("top-tracks", listenbrainz.top_recordings),
            ("related", listenbrainz.similar_artists),
        ):
            if part not in parts:
                continue
            requests = [make(mbid) for mbid in mbids]
            answers = await each(part, requests, side.asker.ask, self._session.progress)
            for mbid, known in zip(mbids, answers, strict=True):
                side.account.known(f"{part} of artist {mbid}", part, mbid, known)
