"""A server between us and the sandbox: it spoils answers with status 200 until it is cured."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

PAGE = b"<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>"
SPOILED = {"html": PAGE, "truncated": b'{"artists": {"items": [{"id": "4tZ', "empty": b"", "shape": b"[1, 2]"}


class SickServer(ThreadingHTTPServer):
    """Spoils the answer to each search whose name is a key of `SPOILED`, and to all when told so.

    Attributes:
        behind: Origin of the healthy server.
        sick: Which searches are spoiled ("" in a name's place: every catalogue call), and how.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind
        self.sick: dict[str, str] = {}

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point here."""
        origin = f"http://127.0.0.1:{self.server_port}"
        return {"TUNELAKE_SPOTIFY_API_URL": f"{origin}/v1", "TUNELAKE_SPOTIFY_ACCOUNTS_URL": origin}


class _Handler(BaseHTTPRequestHandler):
    server: SickServer

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
        for name, sickness in self.server.sick.items():
            if name in asked:
                return self._answer(200, "application/json", SPOILED[sickness])
        return self._pass_on(None)

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def _pass_on(self, body: bytes | None) -> None:
        told = {
            name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers
        }
        request = Request(self.server.behind + self.path, data=body, headers=told)  # noqa: S310  (loopback)
        try:
            with urlopen(request, timeout=20) as answer:  # noqa: S310  (loopback)
                self._answer(answer.status, "application/json", answer.read(), answer.headers.items())
        except HTTPError as refused:
            with refused:
                self._answer(refused.code, "application/json", refused.read())

    def _answer(
        self, status: int, kind: str, body: bytes, headers: list[tuple[str, str]] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers or []:
            if name.lower().startswith("tunelake-"):
                self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its signature)
        """Be quiet."""


@contextmanager
def serving(behind: str) -> Iterator[SickServer]:
    """Serve on a free port."""
    with SickServer(behind) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)
