"""Waits on 127.0.0.1 for the browser to come back from the login."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tunelake.collect.login.pkce import CALLBACK
from tunelake.errors import ConfigError, Retryable

_HOST = "127.0.0.1"
_PAGE = (
    b"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Tunelake</title></head>"
    b"<body><p>Tunelake has its answer. You can close this page.</p></body></html>"
)


class Receiver:
    """Listens while the context lasts.

    Attributes:
        redirect: The address the user is sent back to.
    """

    def __init__(self, port: int = 0) -> None:
        """Start to listen.

        Raises:
            ConfigError: The port is taken.
        """
        self._came = threading.Event()
        self._target = ""
        try:
            self._server = HTTPServer((_HOST, port), self._handler())
        except OSError as error:
            raise ConfigError(f"cannot listen on {_HOST}, port {port}: {error.strerror}") from error
        self.redirect = f"http://{_HOST}:{self._server.server_port}{CALLBACK}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, seconds: float) -> str:
        """Wait for the user; the address they came back with.

        Raises:
            Retryable: Nobody came in time.
        """
        if not self._came.wait(seconds):
            raise Retryable(f"nobody agreed within {seconds:g} s: run `tunelake login` again")
        return self._target

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if urlsplit(self.path).path != CALLBACK:
                    self.send_error(404)
                    return
                if not receiver._came.is_set():
                    receiver._target = self.path
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(_PAGE)))
                self.end_headers()
                self.wfile.write(_PAGE)
                receiver._came.set()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: the address holds the code."""

        return Handler
