"""Builds the web application: pages, JSON API, OpenAPI document, health."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import License
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from litestar.types import Message, Scope

from tunelake.service.answer import Answerer
from tunelake.service.api import litestar_api
from tunelake.service.api.desk import Desk
from tunelake.service.app import litestar_pages
from tunelake.service.app.assets import Assets

_HERE: Final = Path(__file__).parent / "app"


def create_app(
    answerer: Answerer,
    *,
    version: str = "0",
    images: bool = False,
    metrics: Callable[[], bytes] | None = None,
) -> Litestar:
    """Build the ASGI application.

    Args:
        answerer: Answers the questions; shared by pages and API.
        version: Shown in the OpenAPI document and in the footer.
        images: Show artists' pictures from where the source keeps them. Off by default: with it
            every visitor's browser sends requests to that host; without it there are none.
        metrics: Writes what `/metrics` answers; without it there is no such page.
    """
    desk = Desk(answerer)
    assets = Assets(_HERE / "static" / "vendor", version=version, images=images)
    headers = security_headers(images=images)

    async def secure(message: Message, _scope: Scope) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *headers]

    return Litestar(
        route_handlers=[
            litestar_api.router(),
            litestar_api.healthz,
            *([litestar_api.metrics_of(metrics)] if metrics else []),
            litestar_pages.router(),
            create_static_files_router(
                path="/static", directories=[_HERE / "static"], include_in_schema=False
            ),
        ],
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "assets": Provide(lambda: assets, sync_to_thread=False),
        },
        template_config=TemplateConfig(directory=_HERE / "templates", engine=JinjaTemplateEngine),
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=5, minimum_size=1000),
        openapi_config=OpenAPIConfig(
            title="Tunelake",
            version=version,
            description="Ask for an artist; get the card, tracks, releases and similar artists with reasons.",
            license=License(name="Apache-2.0", identifier="Apache-2.0"),
            path="/openapi.json",
            render_plugins=[JsonRenderPlugin(path="/")],
            use_handler_docstrings=True,
        ),
        exception_handlers={Exception: litestar_pages.failed},
        state=State({"assets": assets}),
        before_send=[secure],
        on_shutdown=[desk.close, answerer.close],
    )


def security_headers(*, images: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer: nothing is loaded from, or sent to, another host."""
    pictures = "'self' data: https:" if images else "'self' data:"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        f"img-src {pictures}; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-frame-options", b"DENY"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
