"""What collecting needs from the world: a way to ask, a place to land, a memory, a clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import msgspec

from tunelake.collect.entities import Entity, Sight
from tunelake.domain.pages import Page
from tunelake.domain.states import State

Trouble = Literal["unreachable", "timeout", "cut", "too_large", "parked"]


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request; its headers may hold a secret, so it is never printed.

    Attributes:
        endpoint: What is asked, where quotas are counted by that; "token" is in none.
    """

    method: Literal["GET", "POST"]
    url: str
    headers: dict[str, str]
    body: bytes | None = None
    endpoint: str = ""

    def __repr__(self) -> str:
        return f"HttpRequest({self.method} {self.url})"


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, or the trouble that kept it from coming.

    Attributes:
        status: 0 when there is no whole answer.
        headers: Names in lower case.
        body: Decoded (after content encoding).
        trouble: Why there is no whole answer; None when there is one.
        detail: The same in words, without secrets.
        until: For trouble "parked": nothing was sent, and nothing may be before then.
    """

    status: int = 0
    headers: dict[str, str] = {}
    body: bytes = b""
    trouble: Trouble | None = None
    detail: str = ""
    until: datetime | None = None


class Transport(Protocol):
    """Sends requests. One way only: what it is given goes to the URL it is given, redirects are answers."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send; never raises for what the other side or the network does."""

    async def close(self) -> None:
        """Let go of connections."""


class Landing(Protocol):
    """Where pages go before anything is made of them."""

    def append(self, page: Page) -> Page | None:
        """Keep a page; it is durable when this returns.

        Returns:
            What was kept instead, when something of it may not be kept; None mostly.
        """


@runtime_checkable
class SharedLanding(Landing, Protocol):
    """A landing where many pages together cost little more than one."""

    def append_all(self, pages: Sequence[Page]) -> list[Page | None]:
        """Keep pages, all of them or none; they are durable when this returns.

        Returns:
            Of each, as for `append`.
        """


class Landed(Protocol):
    """A page that landed."""

    @property
    def page(self) -> Page:
        """The page."""


@runtime_checkable
class LandingLog(Landing, Protocol):
    """A landing that can be read again."""

    def end(self) -> int:
        """The position after the last page."""

    def pages(self, after: int = 0) -> Iterator[Landed]:
        """The pages from a position on, in the order they were appended."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was answered for good.

    Attributes:
        fingerprint: Of the request, see `domain.pages.fingerprint`.
        state: FETCHED, NOT_FOUND, FORBIDDEN, GONE or QUARANTINED.
        gist: What follows from the answer, as JSON; empty when nothing does.
    """

    fingerprint: str
    endpoint: str
    path: str
    status: int
    state: State
    page_id: str
    fetched_at: datetime
    source: str
    rights: str
    reason: str = ""
    etag: str = ""
    gist: bytes = b""


class Want(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was asked for, and what became of it.

    Attributes:
        kind: "artist" or "playlist".
        asked: The name or id as it was given.
        reason: Why it is in this state, for people.
        artist_id: What it was found to be, when it was.
        method: How it was found, for example "exact name".
        confidence: 0 to 1, None when nothing was found.
    """

    kind: str
    asked: str
    state: State
    reason: str = ""
    artist_id: str | None = None
    name: str | None = None
    method: str | None = None
    confidence: float | None = None
    candidates: tuple[Candidate, ...] = ()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody that an asked name may mean.

    Attributes:
        score: How alike the names are, 0 to 1.
        about: What tells this artist from another of the same name, as far as the search told.
    """

    artist_id: str
    name: str
    score: float
    popularity: int | None = None
    about: str = ""


class Cooldown(msgspec.Struct, frozen=True):
    """Until when nothing may be sent, and why."""

    until: datetime
    reason: str


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about an endpoint: FETCHED when it answers this application, else why not."""

    endpoint: str
    state: State
    reason: str
    at: datetime


class Ledger(Protocol):
    """The memory of one server's answers; what it holds survives a restart."""

    def answered(self, fingerprints: Sequence[str]) -> dict[str, Answered]:
        """The answers known, by fingerprint."""

    def record(self, answers: Sequence[Answered]) -> None:
        """Remember answers, all or none; newer replace older."""

    def want(self, kind: str, asked: Sequence[str], at: datetime) -> None:
        """Note what is wanted, where it is not known yet."""

    def put_wants(self, wants: Sequence[Want], at: datetime) -> None:
        """Remember what became of wants, by kind and text asked."""

    def wants(self, kind: str) -> Iterator[Want]:
        """Everything ever wanted of a kind, in the order first asked."""

    def see(self, sights: Sequence[Sight]) -> None:
        """Add what was learned to what is known of things; see `entities.merged`."""

    def entities(self, kind: str) -> Iterator[Entity]:
        """Everything known of things of a kind, in the order of their ids."""

    def seen(self, kind: str, ids: Sequence[str]) -> dict[str, Entity]:
        """What is known of things of a kind, by id."""

    def longest_ago(self, kind: str, before: datetime) -> Iterator[list[Entity]]:
        """What was last looked at before a time: never first, then longest ago; some at a time."""

    def owed(self) -> Iterator[Entity]:
        """Every thing of which something is still owed, in the order of kind and id."""

    def gates(self, client: str) -> list[Gate]:
        """What was found out about what an application may call."""

    def put_gate(self, client: str, gate: Gate) -> None:
        """Remember what was found out about an endpoint."""

    def close(self) -> None:
        """Let go of files."""


class Clock(Protocol):
    """Time and chance."""

    def now(self) -> datetime:
        """The time (UTC, aware)."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    def jitter(self) -> float:
        """A random number from 0 to 1."""
