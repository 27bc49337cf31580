"""Running the server: in the foreground until a signal, or on a thread beside other work."""

from __future__ import annotations

import asyncio
import errno
import importlib
import importlib.util
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial

from aiohttp import web

from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server.aiohttp_server import AiohttpServer
from tunelake.sandbox.server.config import Ready, SandboxConfig
from tunelake.sandbox.server.desk import Desk

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  read, not chosen
GRACE_S = 0.5


def serve(config: SandboxConfig, catalogue: Catalogue, ready: Callable[[Ready], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told once where the server is.

    Raises:
        ConfigError: The address cannot be had, for example because the port is busy.
    """
    with _bound(config) as listening, _runner() as runner:
        desk = Desk(config, catalogue, _origin(config, listening))
        stop = asyncio.Event()

        async def main() -> None:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop.set)
            await _host(AiohttpServer(config, desk), listening, stop, lambda: ready(desk.ready))

        runner.run(main())


@contextmanager
def running(config: SandboxConfig, catalogue: Catalogue) -> Iterator[Ready]:
    """Serve on a thread, with a loop of its own, for as long as the context lasts.

    Raises:
        ConfigError: The address cannot be had, for example because the port is busy.
    """
    with _bound(config) as listening:
        desk = Desk(config, catalogue, _origin(config, listening))
        up: Future[Callable[[], object]] = Future()

        async def main() -> None:
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            up.set_result(partial(loop.call_soon_threadsafe, stop.set))
            await _host(AiohttpServer(config, desk), listening, stop, lambda: None)

        def work() -> None:
            with _runner() as runner:
                runner.run(main())

        thread = threading.Thread(target=work, name="sandbox", daemon=True)
        thread.start()
        end = up.result()
        try:
            # The socket listens already: who asks before the server is set up waits a moment.
            yield desk.ready
        finally:
            end()
            thread.join()


def _runner() -> asyncio.Runner:
    """An event loop: uvloop's where it is installed."""
    if importlib.util.find_spec("uvloop"):
        return asyncio.Runner(loop_factory=importlib.import_module("uvloop").new_event_loop)
    return asyncio.Runner(loop_factory=asyncio.new_event_loop)


async def _host(
    server: AiohttpServer, listening: socket.socket, stop: asyncio.Event, ready: Callable[[], None]
) -> None:
    runner = web.ServerRunner(web.Server(server.handle, access_log=None), shutdown_timeout=GRACE_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        ready()
        await stop.wait()
    finally:
        await runner.cleanup()


def _origin(config: SandboxConfig, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    host = ANY_ADDRESS.get(config.host, config.host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(config: SandboxConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        return socket.create_server((config.host, config.port), family=family, backlog=512)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"port {config.port} on {config.host} is in use: stop what uses it, choose another port, "
                "or give port 0 to take a free one"
            ) from error
        raise ConfigError(f"cannot listen on {config.host}, port {config.port}: {error}") from error
