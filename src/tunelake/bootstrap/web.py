"""The web pages and the API, on a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunelake.service.answer import Answerer


def serve_web(
    answerer: Answerer,
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    metrics: Callable[[], bytes] | None = None,
) -> None:
    """Serve pages, API and metrics until Ctrl-C. Raises ConfigError when the port is busy."""
    import tunelake
    from tunelake.service.granian_server import serve
    from tunelake.service.litestar_app import create_app

    serve(create_app(answerer, version=tunelake.__version__, metrics=metrics), host, port, ready)
