"""`tunelake status`: what runs, what is owed, what may be sent, what is stored."""

from __future__ import annotations

import time
from collections.abc import Callable

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, printing
from tunelake.errors import ConfigError
from tunelake.observe.status import Status

EVERY_S = 2.0


@click.command()
@click.option("--watch", is_flag=True, help="Look again every two seconds, until Ctrl-C.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "prometheus"]),
    default="text",
    help="prometheus: metrics, for the text file of a node exporter.",
)
@json_option
def status(watch: bool, form: str, as_json: bool) -> int:
    """Show what runs, what is owed, what may be sent and what is stored; quick, and safe beside all jobs.

    Exits with 0; `tunelake ledger` exits with 1 while something is owed.
    """
    product = tunelake.open()
    if form == "prometheus":
        if watch or as_json:
            raise ConfigError("--format prometheus goes without --watch and --json")
        with printing():
            click.echo(product.metrics(), nl=False)
        return 0
    while True:
        state = product.status()
        if watch and as_json:
            with printing():
                click.echo(msgspec.json.encode(state))
        else:
            emit(state, as_json=as_json, human=_human(state, clear=watch))
        if not watch:
            return 0
        time.sleep(EVERY_S)


def _human(state: Status, *, clear: bool) -> Callable[[], None]:
    def show() -> None:
        from tunelake.cli.status_text import lines

        if clear:
            click.clear()
        for line in lines(state):
            click.echo(line)

    return show
