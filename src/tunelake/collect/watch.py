"""What may be told to somebody who watches a run: each request with its outcome, each wait.

A progress that is a `Watch` too hears of them, because transport and clock are wrapped; nobody who asks
has to know that somebody watches.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from time import perf_counter
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from tunelake.collect.ports import Clock, HttpRequest, HttpResponse, Transport
from tunelake.collect.tally import Progress
from tunelake.settings import Settings

TOO_MANY = 429
_QUOTA = b"QUOTA_EXCEEDED"
_HEAD = 4096
_TOLD = {200, 201, 204, 304, 400, 401, 403, 404, 410, TOO_MANY, 500, 502, 503, 504}
_SPOTIFY = """
api token search artists albums tracks top-tracks related-artists audio-features playlists items
me player recently-played top browse new-releases categories markets
"""
_OPEN_SOURCES = """
artist recording release release-group url isrc 1 popularity top-recordings-for-artist lb-radio user listens
"""
_WORDS = frozenset(f"{_SPOTIFY} {_OPEN_SOURCES}".split())


@runtime_checkable
class Watch(Protocol):
    """A progress that also hears of requests and waits."""

    def __call__(self, stage: str, done: int, total: int, /) -> None:
        """A stage goes on."""

    def answered(self, source: str, route: str, outcome: str, seconds: float) -> None:
        """A request ended.

        Args:
            source: Which source, for example "spotify".
            route: What was asked, without ids: "/artists/{id}/albums".
            outcome: A status, "quota_exceeded", or the trouble that kept the answer from coming.
            seconds: How long it took.
        """

    def waited(self, seconds: float) -> None:
        """Something has waited: for its turn, for a limit, or before it tries again."""


def watched(
    settings: Settings, transport: Transport, clock: Clock, progress: Progress | None
) -> tuple[Transport, Clock]:
    """Let a progress that is a `Watch` hear what transport and clock do; else they stay as they are."""
    if not isinstance(progress, Watch):
        return transport, clock
    bases = {
        settings.spotify_api_url: "spotify",
        settings.spotify_accounts_url: "spotify",
        settings.musicbrainz_url: "musicbrainz",
        settings.listenbrainz_url: "listenbrainz",
    }
    return _Heard(transport, progress, bases), _Waits(clock, progress)


def route_of(path: str) -> str:
    """What a path asks for, without ids: words that are known stay, so there are few different ones."""
    return "".join(f"/{part if part in _WORDS else '{id}'}" for part in path.split("/") if part) or "/"


def outcome_of(response: HttpResponse) -> str:
    """What came of a request, in one of a few words."""
    if response.trouble:
        return response.trouble
    if response.status == TOO_MANY and _QUOTA in response.body[:_HEAD]:
        return "quota_exceeded"
    return str(response.status) if response.status in _TOLD else f"{response.status // 100}xx"


class _Heard:
    """A transport whose requests are told."""

    def __init__(self, transport: Transport, watch: Watch, bases: Mapping[str, str]) -> None:
        self._transport = transport
        self._watch = watch
        self._bases = sorted(bases.items(), key=lambda pair: -len(pair[0]))

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send, and tell what came of it."""
        start = perf_counter()
        response = await self._transport.send(request)
        source, route = self._place(request.url)
        self._watch.answered(source, route, outcome_of(response), perf_counter() - start)
        return response

    async def close(self) -> None:
        """Let go of connections."""
        await self._transport.close()

    def _place(self, url: str) -> tuple[str, str]:
        for base, source in self._bases:
            if url.startswith(base):
                return source, route_of(urlsplit(url[len(base) :]).path)
        return "other", route_of(urlsplit(url).path)


class _Waits:
    """A clock whose waits are told."""

    def __init__(self, clock: Clock, watch: Watch) -> None:
        self._clock = clock
        self._watch = watch

    def now(self) -> datetime:
        """The time."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        start = perf_counter()
        try:
            await self._clock.sleep(seconds)
        finally:
            self._watch.waited(perf_counter() - start)

    def jitter(self) -> float:
        """A random number from 0 to 1."""
        return self._clock.jitter()
