"""What is collected of known artists beside themselves, in the fewest calls; an async shell."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from tunelake.collect.batch import ALBUMS, FEATURES
from tunelake.collect.crew import each
from tunelake.collect.jobs.session import Session
from tunelake.collect.known import Known
from tunelake.collect.lists.reading import Reading
from tunelake.domain.states import State
from tunelake.sources.gist import Gist
from tunelake.sources.request import Request
from tunelake.sources.spotify import endpoints

Part = Literal["albums", "tracks", "top-tracks", "features", "related"]
PARTS: tuple[Part, ...] = ("albums", "tracks", "top-tracks", "features", "related")


class Parts:
    """Collects parts; each stage is done for all artists before the next."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._probe = asyncio.Lock()

    async def collect(self, named: Mapping[str, str], parts: frozenset[Part], markets: Sequence[str]) -> None:
        """Collect parts of artists, given as id to name."""
        found = list(named)
        tracks: list[str] = []
        if parts & {"albums", "tracks"}:
            albums = await self.albums(found)
            if "tracks" in parts:
                tracks += await self._tracks([album for of_one in albums.values() for album in of_one])
        if "related" in parts:
            await self.gated("related", [endpoints.related_artists(one) for one in found])
        if parts & {"top-tracks", "features"}:
            asked = [endpoints.top_tracks(one, market) for market in markets for one in found]
            answers = await self.gated("top-tracks", asked)
            tracks += [one for answer in answers for one in answer.gist.ids if one]
            if "top_tracks" in self._session.gates.closed and "tracks" not in parts:
                tracks += await self._instead(named)
        if "features" in parts:
            await self._features(tracks)

    async def albums(self, artists: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The releases of each artist."""

        async def read(artist: str) -> Reading:
            return await self._session.lists.read(endpoints.artist_albums(artist, 50))

        readings = await each("albums", artists, read, self._session.progress)
        for artist, reading in zip(artists, readings, strict=True):
            self._session.account.reading(f"albums of artist {artist}", "albums", artist, reading)
        self._session.account.tell()
        return {one: reading.keys for one, reading in zip(artists, readings, strict=True)}

    async def releases(self, albums: Sequence[str]) -> dict[str, Known]:
        """Releases, each with the first fifty of its tracks."""
        known = await self._session.batcher.fetch("tracks", ALBUMS, albums)
        for one, answer in known.items():
            self._session.account.known(f"album {one}", "album", one, answer)
        return known

    async def gated(self, stage: str, requests: Sequence[Request]) -> list[Known]:
        """Ask requests that this application may not be allowed; once closed, none is sent any more."""
        gates = self._session.gates

        async def ask(request: Request) -> Known:
            if gates.knows(request.endpoint):
                return await self._allowed(request)
            # One asks whether it is allowed, the others wait for the answer.
            async with self._probe:
                if not gates.knows(request.endpoint):
                    return await self._allowed(request)
            return await self._allowed(request)

        return await each(stage, requests, ask, self._session.progress)

    async def _allowed(self, request: Request) -> Known:
        session = self._session
        closed = session.gates.closed.get(request.endpoint)
        if closed is None:
            known = await session.asker.ask(request)
            session.gates.learn(request.endpoint, known.state, known.reason)
        else:
            known = Known(
                state=State.FORBIDDEN, gist=Gist(), at=session.started, asked=False, reason=closed,
                request=request.line,
            )  # fmt: skip
        what = " ".join([request.path.split("/")[2], *(value for _, value in request.params)])
        session.account.known(f"{request.endpoint} {request.path}", request.endpoint, what, known)
        return known

    async def _tracks(self, albums: Sequence[str]) -> list[str]:
        known = await self.releases(albums)
        tracks = [key for one in known.values() if one.gist.part for key in one.gist.part.keys if key]
        long = [(one, answer) for one, answer in known.items() if answer.gist.part and answer.gist.part.next]

        async def rest(pair: tuple[str, Known]) -> list[str]:
            album, answer = pair
            first = Request("album_tracks", f"/albums/{album}/tracks")
            reading = await self._session.lists.read(first, head=answer.gist.part)
            self._session.account.reading(f"tracks of album {album}", "tracks", album, reading)
            return list(reading.keys)

        for keys in await each("long albums", long, rest, self._session.progress):
            tracks += keys
        return tracks

    async def _instead(self, named: Mapping[str, str]) -> list[str]:
        """Where rankings are closed, the first tracks that a search finds by each artist."""

        async def ask(name: str) -> list[str]:
            known = await self._session.asker.ask(endpoints.search_tracks_of(name))
            self._session.account.known(f"tracks by {name}", "search_tracks", name, known)
            return [one for one in known.gist.ids if one]

        artists = [name for name in named.values() if name]
        found = await each("tracks instead of top tracks", artists, ask, self._session.progress)
        return [one for ids in found for one in ids]

    async def _features(self, tracks: Sequence[str]) -> None:
        account = self._session.account
        known = await self._session.batcher.fetch("features", FEATURES, tracks)
        absent = sum(answer.state is State.NOT_FOUND for answer in known.values())
        if absent:
            account.notes.append(f"audio features of {absent} tracks: the source has none")
        for one, answer in known.items():
            absent_there = answer.state is State.NOT_FOUND
            account.known(
                f"audio features of track {one}", "audio_features", one, answer, note=not absent_there
            )
