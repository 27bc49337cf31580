"""The server's sockets: requests to the desk, its replies back, with the faults that were asked for."""

from __future__ import annotations

import asyncio
import time

import msgspec
from aiohttp import web

from tunelake.sandbox.server.config import SandboxConfig
from tunelake.sandbox.server.delivery import compressed, server_error, spoiled
from tunelake.sandbox.server.desk import CONTROL, TOKEN, Ask, Desk, Reply
from tunelake.sandbox.server.faults import NO_FAULT, Fault, FaultPlan
from tunelake.sandbox.server.lies import waiting
from tunelake.sandbox.server.meter import Meter
from tunelake.sandbox.server.refusals import RETRY_AFTER
from tunelake.sandbox.server.routes import match

SEARCH = "/v1/search"
SLOW_PIECES = 8


class AiohttpServer:
    """Serves one desk; `handle` is what aiohttp calls for each request."""

    def __init__(self, config: SandboxConfig, desk: Desk) -> None:
        self._config = config
        self._desk = desk
        self._faults = FaultPlan(config)
        self._meter = Meter()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = request.path
        if path == CONTROL:
            body = msgspec.json.encode(self._meter.report())
            return web.Response(body=body, content_type="application/json", headers=self._desk.mark)
        if self._config.latency_s:
            await asyncio.sleep(self._config.latency_s)
        harmed = path == TOKEN or path.startswith("/v1/")
        fault = self._faults.draw(f"{request.method} {request.path_qs}") if harmed else NO_FAULT
        reply = await self._reply(request, fault)
        reply = compressed(spoiled(reply, fault.harm), request.headers.get("Accept-Encoding", ""))
        self._meter.count(reply.endpoint, reply.status, len(reply.body), fault.harm)
        return await self._send(request, reply, fault)

    async def _reply(self, request: web.BaseRequest, fault: Fault) -> Reply:
        path = request.path
        if fault.harm in ("500", "502", "503"):
            return server_error(match(path)[0] if path.startswith("/v1/") else path, fault.harm)
        form: dict[str, str] = {}
        if path == TOKEN:
            form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        ask = Ask(
            method=request.method,
            path=path,
            params=request.query,
            headers={name.lower(): value for name, value in request.headers.items()},
            form=form,
            shift=fault.shift,
        )
        now = time.monotonic()
        if path.rstrip("/") == SEARCH:
            # It can take a tenth of a second, and others must not wait for it.
            return await asyncio.to_thread(self._desk.admit(ask, now))
        return self._desk.reply(ask, now)

    async def _send(self, request: web.BaseRequest, reply: Reply, fault: Fault) -> web.StreamResponse:
        headers = {**self._desk.mark, **reply.headers, "Content-Type": reply.content_type}
        if RETRY_AFTER in headers:
            headers[RETRY_AFTER] = waiting(self._config.retry_after, headers[RETRY_AFTER], time.time())
        if fault.harm not in ("cut", "slow"):
            return web.Response(status=reply.status, body=reply.body, headers=headers)
        response = web.StreamResponse(status=reply.status, headers=headers)
        response.content_length = len(reply.body)
        await response.prepare(request)
        if fault.harm == "cut":
            await response.write(reply.body[: len(reply.body) // 2])
            if request.transport:
                request.transport.close()
            return response
        for piece in range(SLOW_PIECES):
            await asyncio.sleep(self._config.slow_s / SLOW_PIECES)
            await response.write(_piece(reply.body, piece))
        await response.write_eof()
        return response


def _piece(body: bytes, number: int) -> bytes:
    size = len(body)
    return body[size * number // SLOW_PIECES : size * (number + 1) // SLOW_PIECES]
