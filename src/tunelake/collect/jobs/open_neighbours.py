"""Who is near to whom at the open sources: relations of MusicBrainz, similar artists of ListenBrainz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from tunelake.collect.crew import each
from tunelake.collect.jobs.open_find import Finder
from tunelake.collect.jobs.open_session import OpenSession
from tunelake.collect.open_sources.parts import NEIGHBOURS
from tunelake.collect.ports import Want
from tunelake.domain.states import State
from tunelake.sources.gist import Hit

_METHOD = "discovered by related"


class OpenNeighbours:
    """Finds neighbours at the source that was named."""

    def __init__(self, session: OpenSession, finder: Finder) -> None:
        self._session = session
        self._finder = finder
        self._hits: dict[str, Hit] = {}

    async def near(self, last: Sequence[str], number: int) -> dict[str, list[str]]:
        """Artists near to each, nearest first; MusicBrainz has told of them with the artist itself."""
        side, make = self._session.named, NEIGHBOURS[self._session.source]
        requests = [make(one) for one in last]
        answers = await each(f"discover, step {number}", requests, side.asker.ask, self._session.progress)
        for one, known in zip(last, answers, strict=True):
            kind = "related" if self._session.source == "listenbrainz" else "artist"
            side.account.known(f"neighbours of artist {one}", kind, one, known, note=False)
            self._hits |= {hit.id: hit for hit in known.gist.hits}
        return {
            one: [hit.id for hit in known.gist.hits if hit.id != one]
            for one, known in zip(last, answers, strict=True)
        }

    async def fetch(self, ids: Sequence[str], reasons: Mapping[str, str]) -> list[Want]:
        """Look artists up at MusicBrainz; what ListenBrainz has of them is counted with all others."""
        if self._session.source == "listenbrainz":
            return [
                Want(
                    kind="artist", asked=one, state=State.FETCHED, reason=reasons[one], artist_id=one,
                    name=self._hits[one].name, method=_METHOD,
                )
                for one in ids
            ]  # fmt: skip
        wants = await self._finder.ids(ids)
        return [
            msgspec.structs.replace(
                want,
                method=_METHOD,
                confidence=None,
                reason=f"{reasons[want.asked]}: {want.reason}" if want.reason else reasons[want.asked],
            )
            for want in wants
        ]
