"""Things by id: in batches where the application may, else one by one; an async shell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from tunelake.collect.asker import Asker
from tunelake.collect.crew import batches, each
from tunelake.collect.gates import Gates
from tunelake.collect.known import Known
from tunelake.collect.tally import Progress
from tunelake.domain.states import State
from tunelake.sources.gist import Gist
from tunelake.sources.listenbrainz import endpoints as listenbrainz
from tunelake.sources.musicbrainz import endpoints as musicbrainz
from tunelake.sources.request import Request
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.endpoints import MAX_IDS
from tunelake.sources.spotify.read import each_album


class Kind(msgspec.Struct, frozen=True):
    """How things of one kind are asked for.

    Attributes:
        endpoint: That answers for many at once.
        most: How many that may be; 1 where only one is answered at a time.
        listed: The parameter that holds their ids, with commas.
    """

    endpoint: str
    one: Callable[[str], Request]
    many: Callable[[Iterable[str]], Request]
    most: int
    listed: str = "ids"


ARTISTS = Kind("artists", endpoints.artist, endpoints.artists, MAX_IDS["artists"])
ALBUMS = Kind("albums", endpoints.album, endpoints.albums, MAX_IDS["albums"])
TRACKS = Kind("tracks", endpoints.track, endpoints.tracks, MAX_IDS["tracks"])
FEATURES = Kind(
    "audio_features", endpoints.one_audio_features, endpoints.audio_features, MAX_IDS["audio_features"]
)
PEOPLE = Kind("mb_artist", musicbrainz.artist, lambda ids: musicbrainz.artist(*ids), 1)
LISTENERS = Kind(
    "lb_artist_counts",
    lambda one: listenbrainz.popularity([one]),
    listenbrainz.popularity,
    listenbrainz.MAX_MBIDS,
    "artist_mbids",
)
KINDS = {kind.endpoint: kind for kind in (ARTISTS, ALBUMS, TRACKS, FEATURES, LISTENERS)}


class Batcher:
    """Fetches things by id, each at most once while the ledger knows it."""

    def __init__(self, asker: Asker, gates: Gates, progress: Progress) -> None:
        self._asker = asker
        self._gates = gates
        self._progress = progress
        self._probe = asyncio.Lock()

    async def fetch(
        self, stage: str, kind: Kind, ids: Iterable[str], since: datetime | None = None
    ) -> dict[str, Known]:
        """Fetch each id.

        Args:
            stage: For the progress.
            kind: What the ids are of.
            ids: Some may come twice.
            since: What is known from this time on need not be asked again; None goes by age.

        Returns:
            What is known of each; where neither batches nor single calls are allowed, FORBIDDEN.
        """
        wanted = list(dict.fromkeys(ids))
        fresh = self._asker.fresh([kind.one(one) for one in wanted], since)
        known = {one: answer for one, answer in zip(wanted, fresh, strict=True) if answer}
        for answer in known.values():
            self._gates.learn(kind.endpoint, answer.state, answer.reason)
        missing = [one for one in wanted if one not in known]

        async def some(chosen: Sequence[str]) -> dict[str, Known]:
            # The same things are the same question in whatever order, so that its ETag serves again.
            batch = sorted(chosen)
            if self._gates.knows(kind.endpoint):
                return await self._some(kind, batch, since)
            # One asks whether batches are allowed, the others wait for the answer.
            async with self._probe:
                if not self._gates.knows(kind.endpoint):
                    return await self._some(kind, batch, since)
            return await self._some(kind, batch, since)

        for part in await each(stage, batches(missing, kind.most), some, self._progress):
            known.update(part)
        return {one: known[one] for one in wanted}

    async def _some(self, kind: Kind, ids: Sequence[str], since: datetime | None) -> dict[str, Known]:
        if kind.endpoint not in self._gates.closed and len(ids) > 1:
            answer = await self._asker.ask(kind.many(ids), since=since)
            if answer.state is State.FETCHED and kind is ALBUMS and not answer.body:
                # Killed between the batch and what it says of each: the ledger has the one without the other.
                answer = await self._asker.ask(kind.many(ids), again=True)
            if answer.state is State.FETCHED:
                self._gates.learn(kind.endpoint, answer.state, "")
                return self._split(kind, ids, answer)
            if not answer.refused:
                self._gates.learn(kind.endpoint, answer.state, answer.reason)
            if answer.state in {State.DEFERRED, State.QUARANTINED}:
                return dict.fromkeys(ids, answer)
        return {one: await self._single(kind, one, since) for one in ids}

    async def _single(self, kind: Kind, one: str, since: datetime | None) -> Known:
        # Audio features have one gate for both ways of asking; artists and albums are open one by one.
        closed = self._gates.closed.get("audio_features") if kind is FEATURES else None
        if closed:
            return Known(state=State.FORBIDDEN, gist=Gist(), at=self._asker.now(), asked=False, reason=closed)
        answer = await self._asker.ask(kind.one(one), since=since)
        if kind is FEATURES:
            self._gates.learn(kind.endpoint, answer.state, answer.reason)
        return answer

    def _split(self, kind: Kind, ids: Sequence[str], answer: Known) -> dict[str, Known]:
        """What a batch says of each id, remembered."""
        told = states_of(kind, ids, answer.body, answer.gist)
        self._asker.remember(answer, [
            (kind.one(one), state, gist) for one, (state, gist) in zip(ids, told, strict=True)
        ])  # fmt: skip
        return {
            one: msgspec.structs.replace(answer, state=state, gist=gist, body=b"", reason=_absent(state))
            for one, (state, gist) in zip(ids, told, strict=True)
        }


def states_of(kind: Kind, ids: Sequence[str], body: bytes, gist: Gist) -> list[tuple[State, Gist]]:
    """What the answer to a batch says of each id; answers stand in the order asked."""
    if kind is ALBUMS:
        gists = each_album(body)
    else:
        hits = {hit.id: (hit,) for hit in gist.hits}
        gists = [Gist(ids=(one,), hits=hits.get(one, ())) if one else None for one in gist.ids]
    if len(gists) != len(ids):
        by_id = {one.ids[0]: one for one in gists if one}
        gists = [by_id.get(one) for one in ids]
    return [(State.FETCHED, one) if one else (State.NOT_FOUND, Gist()) for one in gists]


def _absent(state: State) -> str:
    return "" if state is State.FETCHED else "the source answers null for it"
