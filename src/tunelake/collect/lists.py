"""Reads a list from its first part to its last, and again where it moved meanwhile; an async shell."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

import msgspec

from tunelake.collect.asker import Asker, Known, Place
from tunelake.collect.paging import MAX_READINGS, Verdict, judge_places, judge_unique, stuck
from tunelake.domain.pages import Listing
from tunelake.domain.states import State
from tunelake.sources.spotify.endpoints import Request, following
from tunelake.sources.spotify.profiles import PAGE_SIZES, next_page_size
from tunelake.sources.spotify.read import Gist, Part


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The end of reading a list.

    Attributes:
        state: FETCHED when something was read, else why not.
        keys: The items seen, none twice.
        gap: What is missing; empty when the list is whole.
    """

    state: State
    keys: tuple[str, ...] = ()
    gap: str = ""
    reason: str = ""


class ListReader:
    """Reads lists in parts as large as the source allows."""

    def __init__(self, asker: Asker, base: str) -> None:
        self._asker = asker
        self._base = base
        self._sizes: dict[str, int] = {}
        self._negotiation = asyncio.Lock()

    async def read(self, first: Request, *, places: bool = False, head: Part | None = None) -> Reading:
        """Read a whole list.

        Args:
            first: The request of its first part, with a `limit`.
            places: The same thing may stand in it twice (a playlist).
            head: A first part that came with another answer.
        """
        reading = _Run(self._asker, self._base, places=places)
        if head is not None:
            reading.take_head(head, first.endpoint)
        else:
            known = await self._first(first, reading.place)
            if known.state is not State.FETCHED:
                return Reading(state=known.state, reason=known.reason)
            reading.take(first, known)
        trouble = await reading.follow(first.endpoint)
        for _ in range(MAX_READINGS - 1):
            if reading.verdict().whole or trouble:
                break
            trouble = await reading.repair()
        return reading.ended(trouble)

    async def _first(self, request: Request, place: Place) -> Known:
        """Ask the first part, in the largest size that is not refused."""
        endpoint = request.endpoint
        if endpoint not in self._sizes:
            async with self._negotiation:
                return await self._negotiate(request, place)
        return await self._asker.ask(request.with_param("limit", str(self._sizes[endpoint])), place)

    async def _negotiate(self, request: Request, place: Place) -> Known:
        endpoint = request.endpoint
        sized = [request.with_param("limit", str(size)) for size in PAGE_SIZES]
        for size, known in zip(PAGE_SIZES, self._asker.fresh(sized), strict=True):
            if known and endpoint not in self._sizes:
                self._sizes[endpoint] = size
        size = self._sizes.get(endpoint, PAGE_SIZES[0])
        while True:
            known = await self._asker.ask(request.with_param("limit", str(size)), place)
            smaller = next_page_size(size)
            if not (known.refused and "limit" in known.reason.lower() and smaller):
                break
            size = smaller
        if known.state is State.FETCHED:
            self._sizes[endpoint] = size
        return known


class _Run:
    """One list while it is read."""

    def __init__(self, asker: Asker, base: str, *, places: bool) -> None:
        self._asker = asker
        self._base = base
        self._places = places
        self._parts: list[Part] = []
        self._requests: list[Request | None] = []
        self._links: list[str] = []
        self._seen: dict[str, None] = {}
        self._started: datetime | None = None
        self._name = ""

    def place(self, gist: Gist, at: datetime) -> Listing:
        """Where a part stands; asked before it lands."""
        started = self._started or at
        part = gist.part or Part(keys=())
        verdict = self._judge([*self._parts, part])
        return Listing(
            listing_id=hashlib.blake2b(f"{self._name}{started}".encode(), digest_size=16).hexdigest(),
            started_at=started,
            offset=part.offset,
            total=part.total,
            whole=verdict.whole,
        )

    def take(self, request: Request, known: Known) -> None:
        """Add a part."""
        self._started = self._started or known.at
        self._name = self._name or request.path
        self._add(known.gist.part or Part(keys=()), request)

    def take_head(self, head: Part, endpoint: str) -> None:
        """Add a first part that no request of this list brought."""
        self._name = endpoint
        self._add(head, None)

    async def follow(self, endpoint: str) -> str:
        """Read on to the last part; returns why that was not possible."""
        while link := self._parts[-1].next:
            self._links.append(link)
            if trouble := stuck(self._parts, self._links):
                return trouble
            request = following(link, self._base, endpoint)
            if request is None:
                return "it leads to a page outside of this API"
            known = await self._asker.ask(request, self.place)
            if known.state is not State.FETCHED:
                return f"the part at {link.rpartition('?')[2]} is missing: {known.reason}"
            self.take(request, known)
        return ""

    async def repair(self) -> str:
        """Read the parts again beside which something moved."""
        for index in self.verdict().suspects:
            request = self._requests[index]
            if request is None:
                continue
            known = await self._asker.ask(request, again=True)
            if known.state is not State.FETCHED:
                return f"a part could not be read again: {known.reason}"
            self._parts[index] = known.gist.part or Part(keys=())
            self._note(self._parts[index])
        return await self.follow(self._requests[-1].endpoint) if self._requests[-1] else ""

    def verdict(self) -> Verdict:
        """What is known so far."""
        return self._judge(self._parts)

    def ended(self, trouble: str) -> Reading:
        """The end of it."""
        verdict = self.verdict()
        gap = trouble or ("" if verdict.whole else verdict.reason)
        return Reading(state=State.FETCHED, keys=tuple(self._seen), gap=gap)

    def _add(self, part: Part, request: Request | None) -> None:
        self._parts.append(part)
        self._requests.append(request)
        self._note(part)

    def _note(self, part: Part) -> None:
        self._seen.update((key, None) for key in part.keys if key)

    def _judge(self, parts: list[Part]) -> Verdict:
        return judge_places(parts) if self._places else judge_unique(parts, tuple(self._seen))
