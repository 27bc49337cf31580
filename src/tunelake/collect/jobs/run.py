"""One run: from names or ids to everything about the artists that was asked for; an async shell.

The plan spends as few calls as are known to do: a search answer already holds the artist; albums come
twenty a call with their tracks; features a hundred a call. Each stage is done for all before the next.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal

import msgspec

from tunelake.collect.account import Account, artist_sight, sight
from tunelake.collect.asked import read_names
from tunelake.collect.asker import Asker, Known
from tunelake.collect.batch import ALBUMS, ARTISTS, FEATURES, Batcher
from tunelake.collect.caller import Caller
from tunelake.collect.crew import each
from tunelake.collect.entities import Entity, Sight, due
from tunelake.collect.gates import Gates
from tunelake.collect.jobs.discover import NOBODY, Bounds, step
from tunelake.collect.lists.list_reader import ListReader
from tunelake.collect.lists.reading import Reading
from tunelake.collect.ports import Clock, Gate, Landing, Ledger, Transport, Want
from tunelake.collect.report import Gap, RunReport
from tunelake.collect.resolve import Resolver, not_an_id
from tunelake.collect.tally import Progress, Tally
from tunelake.domain.states import State
from tunelake.settings import Settings
from tunelake.sources.gist import Gist
from tunelake.sources.request import Request
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.ids import read_id

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
        self._client = settings.spotify_client_id
        self._max_age = timedelta(hours=settings.max_age_hours)
        self._gates = Gates(ledger.gates(self._client), clock.now(), self._settled)
        self._account = Account(ledger)
        self._lists = ListReader(self._asker, settings.spotify_api_url)
        self._batcher = Batcher(self._asker, self._gates, progress)
        self._probe = asyncio.Lock()

    async def artists(
        self,
        names: Iterable[str],
        ids: Sequence[str],
        parts: frozenset[Part],
        markets: Sequence[str],
        bounds: Bounds = NOBODY,
    ) -> RunReport:
        """Collect artists with the parts asked for, and those discovered from them."""
        resolver = Resolver(self._asker, self._batcher, self._progress)
        lines = list(names)
        self._want("artist", [*(one.text for one in read_names(lines)), *ids])
        wants = [*await resolver.names(lines), *await resolver.ids(ids)]
        self._account.see(resolver.sights)
        self._account.tell()
        # What is to come is owed until it is there, so that a process that ends forgets nothing.
        self._ledger.put_wants(_half_done(wants) if parts or bounds.steps else wants, self._clock.now())
        named = {want.artist_id: want.name or "" for want in wants if want.artist_id}
        if bounds.steps:
            named |= await self._discover(list(named), bounds)
        await self._parts(named, parts, markets)
        self._account.tell()
        self._ledger.put_wants(wants, self._clock.now())
        return self.report(wants)

    async def refresh(self, age: timedelta | None) -> RunReport:
        """Look again at known artists, longest ago first.

        Args:
            age: All that were last looked at longer ago than this; None goes by how often each changes.
        """
        at, known = self._clock.now(), self._ledger.entities("artist")
        oldest = self._max_age if age is None else age
        chosen = due(known, at, oldest, by_change=age is None)
        before = {entity.id: entity for entity in chosen}
        answers = await self._batcher.fetch("refresh", ARTISTS, before, at - oldest)
        wants = []
        for one, answer in answers.items():
            told = artist_sight(one, answer)
            self._account.see([told])
            wants.append(_looked_at(before[one], told))
        self._account.tell()
        waiting = len(known) - len(chosen)
        self._account.notes += [f"{waiting} of {len(known)} known artists are not due yet"] if waiting else []
        return self.report(wants)

    async def _discover(self, asked: Sequence[str], bounds: Bounds) -> dict[str, str]:
        """Add related artists, step by step."""
        found, last, names = list(asked), list(asked), dict[str, str]()
        for number in range(1, bounds.steps + 1):
            if not last or len(found) >= bounds.most:
                break
            requests = [endpoints.related_artists(one) for one in last]
            answers = await self._gated(f"discover, step {number}", requests)
            hits = ([hit.id for hit in answer.gist.hits] for answer in answers)
            related = dict(zip(last, hits, strict=True))
            last = step(found, last, related, bounds.most)
            found += last
            new = set(last)
            for answer in answers:
                kept = [hit for hit in answer.gist.hits if hit.id in new]
                names |= {hit.id: hit.name for hit in kept}
                self._account.see(sight("artist", hit.id, answer, hit.digest) for hit in kept)
        self._account.notes.append(f"discovered {len(names)} artists")
        return names

    async def _parts(self, named: dict[str, str], parts: frozenset[Part], markets: Sequence[str]) -> None:
        found = list(named)
        tracks: list[str] = []
        if parts & {"albums", "tracks"}:
            albums = await self._albums(found)
            if "tracks" in parts:
                tracks += await self._tracks(albums)
        if "related" in parts:
            await self._gated("related", [endpoints.related_artists(one) for one in found])
        if parts & {"top-tracks", "features"}:
            asked = [endpoints.top_tracks(one, market) for market in markets for one in found]
            answers = await self._gated("top-tracks", asked)
            tracks += [one for answer in answers for one in answer.gist.ids if one]
            if "top_tracks" in self._gates.closed and "tracks" not in parts:
                tracks += await self._instead(named)
        if "features" in parts:
            await self._features(tracks)

    async def playlists(self, ids: Sequence[str]) -> RunReport:
        """Collect playlists with their items."""
        asked = [one.strip() for one in ids if one.strip()]
        self._want("playlist", asked)
        one_each = list(dict.fromkeys(read_id(one, "playlist") or one for one in asked))
        told = await each("playlists", one_each, self._playlist, self._progress)
        by_id = dict(zip(one_each, told, strict=True))
        wants = [msgspec.structs.replace(by_id[read_id(one, "playlist") or one], asked=one) for one in asked]
        self._ledger.put_wants(wants, self._clock.now())
        return self.report(wants)

    def _want(self, kind: str, asked: Sequence[str]) -> None:
        """Note what is owed before anything is sent, so that an interrupted run does not forget it."""
        known = {want.asked for want in self._ledger.wants(kind)}
        new = [Want(kind=kind, asked=one, state=State.WANTED) for one in asked if one not in known]
        self._ledger.put_wants(new, self._clock.now())

    async def _playlist(self, asked: str) -> Want:
        playlist_id = read_id(asked, "playlist")
        if playlist_id is None:
            return not_an_id("playlist", asked)
        known, reading = await self._lists.read_playlist(playlist_id)
        state, reason = known.state, known.reason
        if state is State.FETCHED:
            self._account.reading(f"items of playlist {playlist_id}", "playlist", playlist_id, reading)
            state = State.FETCHED if known.asked else State.UNCHANGED
            reason = reading.reason or reading.gap
        return Want(kind="playlist", asked=asked, state=state, reason=reason)

    async def _instead(self, named: dict[str, str]) -> list[str]:
        """Where rankings are closed, the first tracks that a search finds by each artist."""
        artists = [name for name in named.values() if name]

        async def ask(name: str) -> list[str]:
            known = await self._asker.ask(endpoints.search_tracks_of(name))
            self._account.known(f"tracks by {name}", "search_tracks", name, known)
            return [one for one in known.gist.ids if one]

        found = await each("tracks instead of top tracks", artists, ask, self._progress)
        return [one for ids in found for one in ids]

    async def _features(self, tracks: Sequence[str]) -> None:
        known = await self._batcher.fetch("features", FEATURES, tracks)
        absent = sum(answer.state is State.NOT_FOUND for answer in known.values())
        if absent:
            self._account.notes.append(f"audio features of {absent} tracks: the source has none")
        for one, answer in known.items():
            absent_there = answer.state is State.NOT_FOUND
            self._account.known(
                f"audio features of track {one}", "audio_features", one, answer, note=not absent_there
            )

    async def _albums(self, artists: Sequence[str]) -> list[str]:
        async def read(artist: str) -> Reading:
            return await self._lists.read(endpoints.artist_albums(artist, 50))

        readings = await each("albums", artists, read, self._progress)
        for artist, reading in zip(artists, readings, strict=True):
            self._account.reading(f"albums of artist {artist}", "albums", artist, reading)
        self._account.tell()
        return [album for reading in readings for album in reading.keys]

    async def _tracks(self, albums: Sequence[str]) -> list[str]:
        known = await self._batcher.fetch("tracks", ALBUMS, albums)
        for one, answer in known.items():
            self._account.known(f"album {one}", "album", one, answer)
        tracks = [key for one in known.values() if one.gist.part for key in one.gist.part.keys if key]
        long = [(one, answer) for one, answer in known.items() if answer.gist.part and answer.gist.part.next]

        async def rest(pair: tuple[str, Known]) -> list[str]:
            album, answer = pair
            first = Request("album_tracks", f"/albums/{album}/tracks")
            reading = await self._lists.read(first, head=answer.gist.part)
            self._account.reading(f"tracks of album {album}", "tracks", album, reading)
            return list(reading.keys)

        for keys in await each("long albums", long, rest, self._progress):
            tracks += keys
        return tracks

    async def _gated(self, stage: str, requests: Sequence[Request]) -> list[Known]:
        """Ask requests that this application may not be allowed; once closed, none is sent any more."""

        async def ask(request: Request) -> Known:
            if self._gates.knows(request.endpoint):
                return await allowed(request)
            # One asks whether it is allowed, the others wait for the answer.
            async with self._probe:
                if not self._gates.knows(request.endpoint):
                    return await allowed(request)
            return await allowed(request)

        async def allowed(request: Request) -> Known:
            closed = self._gates.closed.get(request.endpoint)
            if closed is None:
                known = await self._asker.ask(request)
                self._gates.learn(request.endpoint, known.state, known.reason)
            else:
                known = Known(
                    state=State.FORBIDDEN, gist=Gist(), at=self._started, asked=False, reason=closed,
                    request=request.line,
                )  # fmt: skip
            what = " ".join([request.path.split("/")[2], *(value for _, value in request.params)])
            self._account.known(f"{request.endpoint} {request.path}", request.endpoint, what, known)
            return known

        return await each(stage, requests, ask, self._progress)

    def _settled(self, endpoint: str, state: State, reason: str) -> None:
        gate = Gate(endpoint=endpoint, state=state, reason=reason, at=self._clock.now())
        self._ledger.put_gate(self._client, gate)

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
            gaps=[*unmet, *self._account.gaps],
            forbidden=dict(sorted(self._gates.closed.items())),
            notes=self._account.notes,
            parked_until=parked.until if parked and (unmet or self._account.gaps) else None,
            seconds=(self._clock.now() - self._started).total_seconds(),
        )


def _half_done(wants: Sequence[Want]) -> list[Want]:
    reason = "found; what was asked for beside is still to be collected"
    return [
        msgspec.structs.replace(want, state=State.WANTED, reason=reason) if want.artist_id else want
        for want in wants
    ]


def _looked_at(before: Entity, told: Sight) -> Want:
    """What looking again at an artist came to."""
    same = told.state is State.FETCHED and told.digest == before.digest and before.digest != ""
    return Want(
        kind="artist",
        asked=before.id,
        state=State.UNCHANGED if same else told.state,
        reason=told.reason,
        artist_id=before.id if told.state is State.FETCHED else None,
        method="id",
    )
