"""HTTP by aiohttp: one session, kept connections, bounded times and sizes."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

from tunelake.collect.ports import HttpRequest, HttpResponse

CONNECT_S = 5.0
SILENCE_S = 10.0
WHOLE_S = 60.0
MAX_BODY = 32 * 1024 * 1024
_CHUNK = 256 * 1024


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """How to make an event loop: uvloop's where it is installed, else None for Python's own."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory


class AiohttpTransport:
    """Sends requests by aiohttp; close it when done."""

    def __init__(self, *, silence_s: float = SILENCE_S, max_body: int = MAX_BODY) -> None:
        """Prepare; no connection is made yet.

        Args:
            silence_s: Seconds without a byte after which an answer counts as lost.
            max_body: Bytes after decoding beyond which a body is refused.
        """
        self._silence_s = silence_s
        self._max_body = max_body
        self._session: Any = None

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send; a lack of answer is an answer too."""
        import aiohttp

        try:
            async with self._open().request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.body,
                # A redirect would carry the token wherever the other side says.
                allow_redirects=False,
            ) as response:
                body = await self._body(response.content)
                if body is None:
                    return HttpResponse(trouble="too_large", detail=f"a body over {self._max_body} bytes")
                headers = {name.lower(): value for name, value in response.headers.items()}
                return HttpResponse(status=response.status, headers=headers, body=body)
        except aiohttp.ClientConnectorError as error:
            return HttpResponse(trouble="unreachable", detail=f"cannot connect: {error.os_error}")
        except aiohttp.ConnectionTimeoutError:
            return HttpResponse(trouble="unreachable", detail=f"no connection within {CONNECT_S:g} s")
        except TimeoutError:
            return HttpResponse(trouble="timeout", detail=f"no answer within {self._silence_s:g} s")
        except (aiohttp.ClientError, ConnectionError) as error:
            return HttpResponse(trouble="cut", detail=f"the connection broke: {type(error).__name__}")

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            # The transports close on the loop's next turn.
            await asyncio.sleep(0)

    async def _body(self, content: Any) -> bytes | None:  # noqa: ANN401  aiohttp's stream
        chunks: list[bytes] = []
        size = 0
        async for chunk in content.iter_chunked(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._max_body:
                return None
        return b"".join(chunks)

    def _open(self) -> Any:  # noqa: ANN401  aiohttp is imported late: it costs 0.6 s
        if self._session is None:
            import aiohttp

            from tunelake import __version__

            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(
                    total=WHOLE_S, sock_connect=CONNECT_S, sock_read=self._silence_s
                ),
                headers={"User-Agent": f"tunelake/{__version__}", "Accept": "application/json"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session
