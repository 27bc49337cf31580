"""What the transport makes of a real server that behaves badly."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable

import pytest

from tunelake.collect.aiohttp_transport import AiohttpTransport
from tunelake.collect.ports import HttpRequest, HttpResponse, Transport
from tunelake.collect.scripted_transport import ScriptedTransport

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Mark: Yes\r\n"


def get(url: str) -> HttpRequest:
    return HttpRequest(method="GET", url=url, headers={"Authorization": "Bearer secret-token"})


def ask(serve: Serve, transport: Transport) -> HttpResponse:
    """Serve one connection and ask it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await serve(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            over.set()

    async def main() -> HttpResponse:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await transport.send(get(f"http://127.0.0.1:{port}/v1/x"))
        finally:
            await transport.close()
            if isinstance(transport, AiohttpTransport):
                await over.wait()
            server.close()
            await asyncio.sleep(0.02)

    over = asyncio.Event()
    return asyncio.run(main())


def says(raw: bytes) -> Serve:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return serve


@pytest.mark.parametrize("kind", ["aiohttp", "scripted"])
def test_an_answer_is_status_headers_in_lower_case_and_decoded_body(kind: str) -> None:
    body = b'{"a": 1}'
    packed = gzip.compress(body)
    raw = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    scripted = ScriptedTransport([HttpResponse(status=200, headers={"x-mark": "Yes"}, body=body)])
    response = ask(says(raw), AiohttpTransport() if kind == "aiohttp" else scripted)
    assert (response.status, response.body, response.trouble) == (200, body, None)
    assert response.headers["x-mark"] == "Yes"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        HEAD + b"Content-Length: 100\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"no http at all\r\n\r\n",
    ],
)
def test_a_broken_answer_is_a_cut_one(raw: bytes) -> None:
    response = ask(says(raw), AiohttpTransport())
    assert (response.status, response.trouble) == (0, "cut")
    assert "secret-token" not in response.detail


def test_a_server_that_says_nothing_is_a_timeout() -> None:
    async def silent(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)

    assert ask(silent, AiohttpTransport(silence_s=0.2)).trouble == "timeout"


def test_a_body_without_end_is_refused() -> None:
    raw = HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 1000
    assert ask(says(raw), AiohttpTransport(max_body=100)).trouble == "too_large"


def test_a_small_body_that_unpacks_to_a_huge_one_is_refused() -> None:
    packed = gzip.compress(b"0" * 10_000_000)
    raw = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    assert ask(says(raw), AiohttpTransport(max_body=1_000_000)).trouble == "too_large"


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    raw = b"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n"
    assert ask(says(raw), AiohttpTransport()).status == 302


def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"

        async def main() -> HttpResponse:
            transport = AiohttpTransport()
            try:
                return await transport.send(get(url))
            finally:
                await transport.close()

        assert asyncio.run(main()).trouble == "unreachable"
