"""The sockets of the open sources' servers: one address, both services, their limits kept."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from aiohttp import web

from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open_sources import listenbrainz, musicbrainz
from tunelake.sandbox.open_sources.changes import changed_answer
from tunelake.sandbox.open_sources.limit import Bucket, Window
from tunelake.sandbox.open_sources.musicbrainz import Answer
from tunelake.sandbox.server.changes import Change

CONTROL = "/sandbox"
TOO_MANY = (
    "Your requests are exceeding the allowable rate limit. "
    "Please see https://wiki.musicbrainz.org/XMLWebService for more information."
)
GRACE_S = 0.5
OK = 200
Key = web.BaseRequest


class OpenConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What the servers are told.

    Attributes:
        port: 0 takes a free one.
        rate: Requests a second to MusicBrainz, for each client.
        burst: How many may come at once after a pause.
        rate_503: Share (0 to 1) of requests to MusicBrainz refused for no fault of the client.
        window_calls: Requests to ListenBrainz in each window, for each client.
        window_s: Length of the window.
        drift: Fields that are gone, have another name or type, or are new.
    """

    host: str = "127.0.0.1"
    port: int = 0
    rate: float = 1.0
    burst: float = 2.0
    rate_503: float = 0.0
    window_calls: int = 30
    window_s: float = 10.0
    drift: tuple[Change, ...] = ()


class OpenReady(msgspec.Struct, frozen=True, kw_only=True):
    """Where running servers are."""

    musicbrainz_url: str
    listenbrainz_url: str
    control_url: str


class OpenServer:
    """Serves both services over one catalogue."""

    def __init__(self, config: OpenConfig, catalogue: Catalogue) -> None:
        self._config = config
        self._musicbrainz = musicbrainz.MusicBrainz(catalogue)
        self._listenbrainz = listenbrainz.ListenBrainz(catalogue)
        self._bucket = Bucket(config.rate, config.burst)
        self._window = Window(config.window_calls, config.window_s)
        self._seen: Counter[str] = Counter()
        self._mark = {"Tunelake-Sandbox": f'rights="{catalogue.about.rights}"'}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.path == CONTROL:
            return web.json_response({"by_status": dict(self._seen)})
        service = self._listens if request.path.startswith(listenbrainz.PREFIX) else self._music
        answer = self._changed(request.path, await service(request))
        self._seen[f"{service.__name__.strip('_')} {answer.status}"] += 1
        headers = {**self._mark, **answer.headers, "Content-Type": answer.content_type}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    def _changed(self, path: str, answer: Answer) -> Answer:
        if not self._config.drift or answer.status != OK or "json" not in answer.content_type:
            return answer
        told = changed_answer(path, msgspec.json.decode(answer.body), self._config.drift)
        return msgspec.structs.replace(answer, body=msgspec.json.encode(told))

    async def _music(self, request: web.BaseRequest) -> Answer:
        agent = request.headers.get("User-Agent", "")
        accept = request.headers.get("Accept", "")
        as_json = request.query.get("fmt") == "json" or "application/json" in accept
        if not request.path.startswith(musicbrainz.PREFIX):
            return musicbrainz.refusal(404, "Not Found", as_json=as_json)
        if not agent:
            text = "Your requests need a meaningful User-Agent header that says whom to contact."
            return musicbrainz.refusal(403, text, as_json=as_json)
        number = self._seen.total()
        busy = int((number + 1) * self._config.rate_503) > int(number * self._config.rate_503)
        if busy or not self._bucket.take(f"{request.remote} {agent}", time.monotonic()):
            # The real service says so without telling for how long.
            return musicbrainz.refusal(503, TOO_MANY, as_json=as_json)
        if request.method != "GET":
            return musicbrainz.refusal(405, "Only GET is served here.", as_json=as_json)
        return await asyncio.to_thread(self._musicbrainz.answer, request.path, request.query, accept)

    async def _listens(self, request: web.BaseRequest) -> Answer:
        seen = self._window.take(request.remote or "", time.monotonic())
        told = {
            "X-RateLimit-Limit": str(seen.limit),
            "X-RateLimit-Remaining": str(seen.remaining),
            "X-RateLimit-Reset-In": str(seen.reset_in),
            "X-RateLimit-Reset": str(int(time.time()) + seen.reset_in),
        }
        if not seen.passes:
            return listenbrainz.refused(429, "You have exceeded your rate limit.", told)
        body = await request.read()
        token = request.headers.get("Authorization", "").removeprefix("Token ")
        answer = await asyncio.to_thread(
            self._listenbrainz.answer, request.method, request.path, request.query, body, token
        )
        return msgspec.structs.replace(answer, headers=told)


@contextmanager
def running_open(config: OpenConfig, catalogue: Catalogue) -> Iterator[OpenReady]:
    """Serve on a thread for as long as the context lasts.

    Raises:
        ConfigError: The address cannot be had, for example because the port is busy.
    """
    with _bound(config) as listening, asyncio.Runner() as runner:
        stop = asyncio.Event()
        loop = runner.get_loop()
        main = _host(OpenServer(config, catalogue), listening, stop)
        thread = threading.Thread(target=runner.run, args=(main,), name="open sources", daemon=True)
        thread.start()
        try:
            yield _ready(config, listening)
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()


async def _host(server: OpenServer, listening: socket.socket, stop: asyncio.Event) -> None:
    runner = web.ServerRunner(web.Server(server.handle, access_log=None), shutdown_timeout=GRACE_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        await stop.wait()
    finally:
        await runner.cleanup()


def _ready(config: OpenConfig, listening: socket.socket) -> OpenReady:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104  read, not chosen
    port = listening.getsockname()[1]
    origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return OpenReady(
        musicbrainz_url=f"{origin}{musicbrainz.PREFIX}",
        listenbrainz_url=origin,
        control_url=f"{origin}{CONTROL}",
    )


def _bound(config: OpenConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        return socket.create_server((config.host, config.port), family=family, backlog=128)
    except OSError as error:
        busy = (
            "is in use: choose another one" if error.errno == errno.EADDRINUSE else f"cannot be had: {error}"
        )
        raise ConfigError(f"port {config.port} on {config.host} {busy}") from error
