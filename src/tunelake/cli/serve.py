"""`tunelake serve`: the web pages and the API."""

from __future__ import annotations

import click

import tunelake
from tunelake.bootstrap import web
from tunelake.cli.show import say


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets others on the network in.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: a free one.")
@click.option("--offline", is_flag=True, help="Answer from the stores alone; collect nothing.")
def serve(host: str, port: int, offline: bool) -> None:
    """Serve the pages, the JSON API (/docs), /healthz and /metrics until Ctrl-C."""
    product = tunelake.open()
    answerer = product.answerer(on_demand=not offline)
    web.serve_web(answerer, host=host, port=port, ready=_tell, metrics=product.metrics)


def _tell(url: str) -> None:
    click.echo(f"{url}/")
    say("API: /docs. Ctrl-C stops.")
