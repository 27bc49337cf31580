"""Stands between a client and a server of S3, and answers as a sick one does."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_BUSY = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>"
_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length", "date", "server"}

Sickness = Callable[[str], float]
"""Path of a request to: 503, or the seconds by which it is late, 0 for at once."""


class Proxy:
    """A running proxy.

    Attributes:
        endpoint: Its address.
        sick: How it is sick now.
        seen: Requests that came.
        refused: Requests that were answered 503.
    """

    def __init__(self) -> None:
        self.endpoint = ""
        self.sick: Sickness = lambda _: 0
        self.seen = 0
        self.refused = 0


@contextmanager
def s3_proxy(behind: str) -> Iterator[Proxy]:
    """Run a proxy before a server; the signature holds, for the name that was asked for goes along."""
    proxy, host = Proxy(), urlsplit(behind).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.seen += 1
            sick = proxy.sick(self.path)
            if sick == 503:
                proxy.refused += 1
                self._answer(503, [("Content-Type", "application/xml")], _BUSY)
                return
            time.sleep(sick)
            with closing(http.client.HTTPConnection(host, timeout=30)) as server:
                server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    server.putheader(name, value)
                server.endheaders(body)
                answer = server.getresponse()
                data = answer.read()
            told = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
            length = answer.getheader("Content-Length") if self.command == "HEAD" else None
            self._answer(answer.status, told, data, length)

        def _answer(
            self, status: int, headers: list[tuple[str, str]], body: bytes, length: str | None = None
        ) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", length or str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _pass_on  # noqa: N815  (http.server's names)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (http.server's name)
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    proxy.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    running.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        running.join()
