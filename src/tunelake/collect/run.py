"""One run: from names or ids to everything about the artists that was asked for; an async shell.

The plan spends as few calls as are known to do: a search answer already holds the artist; albums come
twenty a call with their tracks; features a hundred a call. Each stage is done for all before the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from tunelake.collect.asker import Asker, Known
from tunelake.collect.batch import ALBUMS, FEATURES, Batcher
from tunelake.collect.caller import Caller
from tunelake.collect.crew import each
from tunelake.collect.gates import Gates
from tunelake.collect.lists import ListReader, Reading
from tunelake.collect.ports import Clock, Landing, Ledger, Transport, Want
from tunelake.collect.report import Gap, RunReport
from tunelake.collect.resolve import Resolver
from tunelake.collect.tally import Progress, Tally
from tunelake.domain.states import State
from tunelake.settings import Settings
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.endpoints import Request

Part = Literal["albums", "tracks", "top-tracks", "features", "related"]
PARTS: tuple[Part, ...] = ("albums", "tracks", "top-tracks", "features", "related")
STORED = {State.FETCHED, State.UNCHANGED}


class Run:
    """The parts of one run and what they find; `report` sums it up."""

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        landing: Landing,
        ledger: Ledger,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._clock = clock
        self._started = clock.now()
        self._ledger = ledger
        self._progress = progress
        self._tally = Tally()
        self._caller = Caller(settings, transport, ledger, clock, self._tally)
        self._asker = Asker(settings, self._caller, ledger, landing, clock)
        self._gates = Gates()
        self._lists = ListReader(self._asker, settings.spotify_api_url)
        self._batcher = Batcher(self._asker, self._gates, progress)
        self._gaps: list[Gap] = []
        self._notes: list[str] = []

    async def artists(
        self, names: Iterable[str], ids: Sequence[str], parts: frozenset[Part], markets: Sequence[str]
    ) -> RunReport:
        """Collect artists with the parts asked for."""
        resolver = Resolver(self._asker, self._batcher, self._progress)
        wants = [*await resolver.names(names), *await resolver.ids(ids)]
        self._ledger.put_wants(wants, self._clock.now())
        found = list(dict.fromkeys(want.artist_id for want in wants if want.artist_id))
        tracks: list[str] = []
        if parts & {"albums", "tracks"}:
            albums = await self._albums(found)
            if "tracks" in parts:
                tracks += await self._tracks(albums)
        if "related" in parts:
            await self._gated("related", [endpoints.related_artists(one) for one in found])
        if parts & {"top-tracks", "features"}:
            asked = [endpoints.top_tracks(one, market) for market in markets for one in found]
            tracks += await self._gated("top-tracks", asked)
        if "features" in parts:
            known = await self._batcher.fetch("features", FEATURES, tracks)
            for one, answer in known.items():
                self._account(f"audio features of track {one}", answer)
        return self.report(wants)

    async def _albums(self, artists: Sequence[str]) -> list[str]:
        async def read(artist: str) -> Reading:
            return await self._lists.read(endpoints.artist_albums(artist, 50))

        readings = await each("albums", artists, read, self._progress)
        for artist, reading in zip(artists, readings, strict=True):
            self._account_list(f"albums of artist {artist}", reading)
        return [album for reading in readings for album in reading.keys]

    async def _tracks(self, albums: Sequence[str]) -> list[str]:
        known = await self._batcher.fetch("tracks", ALBUMS, albums)
        for one, answer in known.items():
            self._account(f"album {one}", answer)
        tracks = [key for one in known.values() if one.gist.part for key in one.gist.part.keys if key]
        long = [(one, answer) for one, answer in known.items() if answer.gist.part and answer.gist.part.next]

        async def rest(pair: tuple[str, Known]) -> list[str]:
            album, answer = pair
            first = Request("album_tracks", f"/albums/{album}/tracks")
            reading = await self._lists.read(first, head=answer.gist.part)
            self._account_list(f"tracks of album {album}", reading)
            return list(reading.keys)

        for keys in await each("long albums", long, rest, self._progress):
            tracks += keys
        return tracks

    async def _gated(self, stage: str, requests: Sequence[Request]) -> list[str]:
        """Ask requests that this application may not be allowed; once closed, none is sent any more."""

        async def ask(request: Request) -> list[str]:
            if request.endpoint in self._gates.closed:
                return []
            known = await self._asker.ask(request)
            self._gates.learn(request.endpoint, known.state, known.reason)
            self._account(f"{request.endpoint} {request.path}", known)
            return [one for one in known.gist.ids if one]

        return [one for ids in await each(stage, requests, ask, self._progress) for one in ids]

    def _account_list(self, what: str, reading: Reading) -> None:
        if reading.gap:
            self._gaps.append(Gap(what=what, state=State.WANTED, reason=reading.gap))
        elif reading.state.is_gap:
            self._gaps.append(Gap(what=what, state=reading.state, reason=reading.reason))
        elif reading.state is not State.FETCHED:
            self._notes.append(f"{what}: {reading.state}, {reading.reason}")

    def _account(self, what: str, known: Known) -> None:
        if known.state.is_gap:
            self._gaps.append(Gap(what=what, state=known.state, reason=known.reason))
        elif known.state not in STORED and known.state is not State.FORBIDDEN:
            self._notes.append(f"{what}: {known.state}, {known.reason}")

    def report(self, wants: Sequence[Want]) -> RunReport:
        """Sum up."""
        unmet = [
            Gap(what=f"{want.kind} {want.asked}", state=want.state, reason=want.reason)
            for want in wants
            if want.state.is_gap
        ]
        parked = self._caller.parked
        return RunReport(
            asked=len(wants),
            stored=sum(want.state in STORED for want in wants),
            by_state=dict(Counter(str(want.state) for want in wants)),
            wants=list(wants),
            calls=self._tally.calls.total(),
            calls_by_endpoint=dict(sorted(self._tally.calls.items())),
            token_calls=self._tally.tokens,
            retries=dict(sorted(self._tally.retries.items())),
            gaps=[*unmet, *self._gaps],
            forbidden=dict(sorted(self._gates.closed.items())),
            notes=self._notes,
            parked_until=parked.until if parked and (unmet or self._gaps) else None,
            seconds=(self._clock.now() - self._started).total_seconds(),
        )
