"""Runs a web application with granian, in this process, until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from tunelake.errors import ConfigError, Fatal

_START_SECONDS: Final = 15.0
_STOP_SECONDS: Final = 5.0


def serve(
    app: Any,  # noqa: ANN401  (any ASGI application)
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until Ctrl-C (SIGINT) or SIGTERM, then return.

    Args:
        app: An ASGI application.
        host: Address to listen at.
        port: Port to listen at; 0 takes a free one.
        ready: Called once with the URL when the server answers.

    Raises:
        ConfigError: The address cannot be had, for example because the port is busy.
    """
    chosen = _free(host, port)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(app, host, chosen, ready, None))


@contextmanager
def running(app: Any, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:  # noqa: ANN401  (any ASGI application)
    """Serve from a thread while the block runs; gives the URL.

    Raises:
        ConfigError: The address cannot be had.
        Fatal: The server did not start.
    """
    chosen = _free(host, port)
    url: list[str] = []
    up, stop = threading.Event(), threading.Event()

    def ready(at: str) -> None:
        url.append(at)
        up.set()

    thread = threading.Thread(target=lambda: asyncio.run(_serve(app, host, chosen, ready, stop)), daemon=True)
    thread.start()
    if not up.wait(_START_SECONDS):
        stop.set()
        raise Fatal(f"the web server did not answer at {host}:{chosen} within {_START_SECONDS:.0f} s")
    try:
        yield url[0]
    finally:
        stop.set()
        thread.join(_STOP_SECONDS)


def _free(host: str, port: int) -> int:
    """Return the port when it can be had, a free one for 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise ConfigError(
                f"cannot listen at {host}:{port} ({error}); choose another port with --port, or --port 0"
            ) from error
        chosen: int = probe.getsockname()[1]
        return chosen


async def _serve(
    app: Any,  # noqa: ANN401  (any ASGI application)
    host: str,
    port: int,
    ready: Callable[[str], None] | None,
    stop: threading.Event | None,
) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    logging.getLogger("_granian").setLevel(logging.ERROR)
    server = Server(
        app, address=host, port=port, interface=Interfaces.ASGI, log_enabled=False, websockets=False
    )
    stopping = asyncio.Event()
    if stop is None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopping.set)
    task = asyncio.create_task(server.serve())
    await _answers(host, port, task)
    if ready is not None:
        ready(_url(host, port))
    waiting = asyncio.create_task(stopping.wait() if stop is None else asyncio.to_thread(stop.wait))
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not task.done():
        server.stop()  # type: ignore[no-untyped-call]  # granian has no types
    await task


async def _answers(host: str, port: int, task: asyncio.Task[None]) -> None:
    """Wait until a connection is taken."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (a comparison)
    for _ in range(int(_START_SECONDS / 0.02)):
        if task.done():
            break
        try:
            _, writer = await asyncio.open_connection(target, port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        await writer.wait_closed()
        return
    raise Fatal(f"the web server did not start at {host}:{port}")


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  (a comparison)
    return f"http://{shown}:{port}"
