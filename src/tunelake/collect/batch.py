"""Things by id: in batches where the application may, else one by one; an async shell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

import msgspec

from tunelake.collect.asker import Asker, Known
from tunelake.collect.crew import batches, each
from tunelake.collect.gates import Gates
from tunelake.collect.tally import Progress
from tunelake.domain.states import State
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.endpoints import MAX_IDS, Request
from tunelake.sources.spotify.read import Gist, each_album


class Kind(msgspec.Struct, frozen=True):
    """How things of one kind are asked for."""

    endpoint: str
    one: Callable[[str], Request]
    many: Callable[[Iterable[str]], Request]


ARTISTS = Kind("artists", endpoints.artist, endpoints.artists)
ALBUMS = Kind("albums", endpoints.album, endpoints.albums)
FEATURES = Kind("audio_features", endpoints.one_audio_features, endpoints.audio_features)


class Batcher:
    """Fetches things by id, each at most once while the ledger knows it."""

    def __init__(self, asker: Asker, gates: Gates, progress: Progress) -> None:
        self._asker = asker
        self._gates = gates
        self._progress = progress
        self._probe = asyncio.Lock()

    async def fetch(self, stage: str, kind: Kind, ids: Iterable[str]) -> dict[str, Known]:
        """Fetch each id.

        Returns:
            What is known of each; where neither batches nor single calls are allowed, FORBIDDEN.
        """
        wanted = list(dict.fromkeys(ids))
        fresh = self._asker.fresh([kind.one(one) for one in wanted])
        known = {one: answer for one, answer in zip(wanted, fresh, strict=True) if answer}
        for answer in known.values():
            self._gates.learn(kind.endpoint, answer.state, answer.reason)
        missing = [one for one in wanted if one not in known]

        async def some(batch: Sequence[str]) -> dict[str, Known]:
            if self._gates.knows(kind.endpoint):
                return await self._some(kind, batch)
            # One asks whether batches are allowed, the others wait for the answer.
            async with self._probe:
                if not self._gates.knows(kind.endpoint):
                    return await self._some(kind, batch)
            return await self._some(kind, batch)

        for part in await each(stage, batches(missing, MAX_IDS[kind.endpoint]), some, self._progress):
            known.update(part)
        return known

    async def _some(self, kind: Kind, ids: Sequence[str]) -> dict[str, Known]:
        if kind.endpoint not in self._gates.closed and len(ids) > 1:
            answer = await self._asker.ask(kind.many(ids))
            if answer.state is State.FETCHED:
                self._gates.learn(kind.endpoint, answer.state, "")
                return self._split(kind, ids, answer)
            if not answer.refused:
                self._gates.learn(kind.endpoint, answer.state, answer.reason)
            if answer.state in {State.DEFERRED, State.QUARANTINED}:
                return dict.fromkeys(ids, answer)
        return {one: await self._single(kind, one) for one in ids}

    async def _single(self, kind: Kind, one: str) -> Known:
        # Audio features have one gate for both ways of asking; artists and albums are open one by one.
        closed = self._gates.closed.get("audio_features") if kind is FEATURES else None
        if closed:
            return Known(state=State.FORBIDDEN, gist=Gist(), at=self._asker.now(), asked=False, reason=closed)
        answer = await self._asker.ask(kind.one(one))
        if kind is FEATURES:
            self._gates.learn(kind.endpoint, answer.state, answer.reason)
        return answer

    def _split(self, kind: Kind, ids: Sequence[str], answer: Known) -> dict[str, Known]:
        """What a batch says of each id; answers stand in the order asked."""
        if kind is ALBUMS:
            gists = each_album(answer.body)
        else:
            hits = {hit.id: (hit,) for hit in answer.gist.hits}
            gists = [Gist(ids=(one,), hits=hits.get(one, ())) if one else None for one in answer.gist.ids]
        if len(gists) != len(ids):
            by_id = {gist.ids[0]: gist for gist in gists if gist}
            gists = [by_id.get(one) for one in ids]
        states = [State.FETCHED if gist else State.NOT_FOUND for gist in gists]
        told = [gist or Gist() for gist in gists]
        self._asker.remember(answer, [
            (kind.one(one), state, gist) for one, state, gist in zip(ids, states, told, strict=True)
        ])  # fmt: skip
        return {
            one: msgspec.structs.replace(answer, state=state, gist=gist, body=b"", reason=_absent(state))
            for one, state, gist in zip(ids, states, told, strict=True)
        }


def _absent(state: State) -> str:
    return "" if state is State.FETCHED else "the source answers null for it"
