"""One walk along a list: its parts, the place of each, what is missing at the end; an async shell."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from tunelake.collect.asker import Asker
from tunelake.collect.known import Known
from tunelake.collect.lists.paging import Verdict, judge_places, judge_unique, stuck
from tunelake.domain.pages import Listing
from tunelake.domain.states import State
from tunelake.sources.gist import Gist, Part
from tunelake.sources.request import Request, following


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The end of reading a list.

    Attributes:
        state: FETCHED when something was read, else why not.
        keys: The items seen, none twice.
        gap: What is missing; empty when the list is whole.
        reason: Why nothing was read.
        at: When it was read, by the source's first part.
        total: How long the list is, as the source states it.
        request: What was asked first, path and parameters.
        page_id: The page of the first part.
    """

    state: State
    keys: tuple[str, ...] = ()
    gap: str = ""
    reason: str = ""
    at: datetime
    total: int | None = None
    request: str = ""
    page_id: str = ""


class Traversal:
    """One walk. `places`: the same thing may stand in the list twice (a playlist).

    Attributes:
        still: It was read twice from end to end and was the same both times.
    """

    def __init__(
        self, asker: Asker, first: Request, *, places: bool = False, before: Sequence[Part] = ()
    ) -> None:
        self.parts: list[Part] = []
        self._asker = asker
        self._first = first
        self._places = places
        self._before = before
        self._requests: list[Request | None] = []
        self._seen: dict[str, None] = {}
        self._started: datetime | None = None
        self._page_id = ""
        self.still = False

    def place(self, gist: Gist, at: datetime) -> Listing | None:
        """Where a part stands, asked before it lands; None for an answer without a part of the list."""
        started = self._started or at
        part = gist.part
        if part is None:
            return None
        name = f"{self._first.path} {started.isoformat()}"
        return Listing(
            listing_id=hashlib.blake2b(name.encode(), digest_size=16).hexdigest(),
            started_at=started,
            offset=part.offset,
            total=part.total,
            whole=self._judge([*self.parts, part]).whole,
        )

    def start(self, known: Known, part: Part, request: Request | None = None) -> None:
        """Begin with a part that is known."""
        self._started = known.at
        self._page_id = known.page_id
        self.take(part, request)

    def take(self, part: Part, request: Request | None) -> None:
        """Add a part; without a request it cannot be asked again."""
        self.parts.append(part)
        self._requests.append(request)
        self._note(part)

    async def follow(self, endpoint: str = "", *, again: bool = False) -> str:
        """Read on to the last part; returns why that was not possible."""
        links: list[str] = []
        while link := self.parts[-1].next:
            links.append(link)
            if trouble := stuck(self.parts, links):
                return trouble
            request = following(link, self._asker.base, endpoint or self._first.endpoint)
            if request is None:
                return "it leads to a page outside of this API"
            known = await self._asker.ask(request, self.place, again=again)
            if known.state is not State.FETCHED:
                return f"a part is missing ({request.path} {dict(request.params)}): {known.reason}"
            self._started = self._started or known.at
            self.take(known.gist.part or Part(keys=()), request)
        return ""

    async def repair(self) -> str:
        """Read the parts again beside which something moved; returns why that was not possible."""
        suspects, before = self.verdict().suspects, list(self.parts)
        for index in suspects:
            request = self._requests[index]
            if request is None:
                continue
            known = await self._asker.ask(request, again=True)
            if known.state is not State.FETCHED:
                return f"a part could not be read again: {known.reason}"
            self.parts[index] = known.gist.part or Part(keys=())
            self._note(self.parts[index])
        trouble = await self.follow()
        # Read twice from end to end and the same twice: it does not move, so its total is wrong.
        self.still = len(suspects) == len(before) and self.parts == before
        return trouble

    def verdict(self) -> Verdict:
        """What is known so far."""
        return self._judge(self.parts)

    def ended(self, trouble: str) -> Reading:
        """The end of it."""
        verdict = self.verdict()
        gap = trouble or ("" if verdict.whole else verdict.reason)
        return Reading(
            state=State.FETCHED,
            keys=tuple(self._seen),
            gap=gap,
            at=self._started or self._asker.now(),
            total=verdict.total,
            request=self._first.line,
            page_id=self._page_id,
        )

    def _note(self, part: Part) -> None:
        self._seen.update((key, None) for key in part.keys if key)

    def _judge(self, parts: Sequence[Part]) -> Verdict:
        if self._places:
            return judge_places(parts, self._before)
        return judge_unique(parts, tuple(self._seen))
