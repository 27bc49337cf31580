"""Reads a list from its first part to its last, and again where it moved meanwhile; an async shell."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from tunelake.collect.asker import Asker
from tunelake.collect.known import Known
from tunelake.collect.lists.paging import MAX_READINGS
from tunelake.collect.lists.reading import Reading, Traversal
from tunelake.domain.states import State
from tunelake.sources.gist import Part
from tunelake.sources.request import Request
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.profiles import PAGE_SIZES

PLAYLIST_PART = 50


class ListReader:
    """Reads lists in parts as large as the source allows."""

    def __init__(self, asker: Asker, sizes: Sequence[int] = PAGE_SIZES) -> None:
        """Read with an asker, in the largest part that is not refused; `sizes` are tried in their order."""
        self._asker = asker
        self._choice = tuple(sizes)
        self._sizes: dict[str, int] = {}
        self._negotiation = asyncio.Lock()

    async def read(self, first: Request, *, head: Part | None = None) -> Reading:
        """Read a whole list in which nothing stands twice.

        Args:
            first: The request of its first part.
            head: A first part that came with another answer; then `first` is only its name.
        """
        walk = Traversal(self._asker, first)
        if head is not None:
            walk.take(head, None)
        else:
            known = await self._first(first, walk)
            if known.state is not State.FETCHED:
                return unread(first, known)
        trouble = await walk.follow()
        for _ in range(MAX_READINGS - 1):
            if trouble or walk.verdict().whole or walk.still:
                break
            trouble = await walk.repair()
        return walk.ended(trouble)

    async def read_playlist(self, playlist_id: str) -> tuple[Known, Reading]:
        """Read a playlist and its items; from the start again while its items move.

        Returns:
            What is known of the playlist, and the reading of its items.
        """
        before: list[Part] = []
        for attempt in range(MAX_READINGS):
            first = endpoints.playlist(playlist_id)
            walk = Traversal(self._asker, first, places=True, before=before)
            known = await self._asker.ask(first, walk.place, again=attempt > 0)
            if known.state is not State.FETCHED:
                return known, unread(first, known)
            if known.gist.part is None:
                reason = "the source shows this application no items of this playlist"
                hidden = msgspec.structs.replace(known, state=State.FORBIDDEN, reason=reason)
                return known, unread(first, hidden)
            walk.start(known, _continued(playlist_id, known.gist.part))
            trouble = await walk.follow("playlist_items", again=attempt > 0)
            if trouble or walk.verdict().whole:
                break
            before = walk.parts
        return known, walk.ended(trouble)

    async def _first(self, request: Request, walk: Traversal) -> Known:
        """Ask the first part, in the largest size that is not refused."""
        endpoint = request.endpoint
        if endpoint not in self._sizes:
            async with self._negotiation:
                if endpoint not in self._sizes:
                    return await self._negotiate(request, walk)
        return await self._ask_first(request, self._sizes[endpoint], walk)

    async def _negotiate(self, request: Request, walk: Traversal) -> Known:
        sized = [request.with_param("limit", str(size)) for size in self._choice]
        remembered = zip(self._choice, self._asker.fresh(sized), strict=True)
        size = next((size for size, known in remembered if known), self._choice[0])
        while True:
            known = await self._ask_first(request, size, walk)
            smaller = next((one for one in self._choice if one < size), None)
            if not (known.refused and "limit" in known.reason.lower() and smaller):
                break
            size = smaller
        if known.state is State.FETCHED:
            self._sizes[request.endpoint] = size
        return known

    async def _ask_first(self, request: Request, size: int, walk: Traversal) -> Known:
        sized = request.with_param("limit", str(size))
        known = await self._asker.ask(sized, walk.place)
        if known.state is State.FETCHED and known.gist.part:
            walk.start(known, known.gist.part, sized)
        return known


def unread(first: Request, known: Known) -> Reading:
    """A list of which no part was read."""
    return Reading(
        state=known.state, reason=known.reason, at=known.at, request=first.line, page_id=known.page_id
    )


def _continued(playlist_id: str, head: Part) -> Part:
    """The first part with a link of our own: the source's may ask for more than its next answer allows."""
    if head.next is None:
        return head
    at = head.offset + len(head.keys)
    link = f"/playlists/{playlist_id}/items?offset={at}&limit={PLAYLIST_PART}"
    return msgspec.structs.replace(head, next=link)
