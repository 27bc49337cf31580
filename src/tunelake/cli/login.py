"""`tunelake login`: a user lets Tunelake see what they listen to."""

from __future__ import annotations

import webbrowser
from datetime import UTC, datetime

import click

import tunelake
from tunelake.cli.show import emit, json_option, say
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.job import log_in


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of 127.0.0.1; default: a free one."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--wait", "wait_s", type=float, default=300, show_default=True, help="Seconds to wait for you.")
@json_option
def login(port: int, no_browser: bool, wait_s: float, as_json: bool) -> int:
    """Log in at the configured server, in a browser; the tokens stay on this machine.

    Register http://127.0.0.1/callback as a redirect of your application.
    """
    product = tunelake.open(kind="data")
    files = LoginFiles(product.lake.home.root)

    def show(url: str) -> None:
        say(f"to log in, open {url}")
        if not no_browser:
            webbrowser.open(url)

    made = log_in(
        product.settings,
        files,
        product.clock,
        show,
        control=product.lake.home.control,
        port=port,
        wait_s=wait_s,
    )
    document = {
        "user_id": made.user_id,
        "server": made.server,
        "scope": made.scope,
        "ends": made.ends,
        "kept_in": files.where,
        "logged_in_at": datetime.now(UTC),
    }
    emit(document, as_json=as_json, human=lambda: click.echo(
        f"logged in as {made.user_id} until {made.ends:%Y-%m-%d}; tokens are kept in {files.where}"
    ))  # fmt: skip
    return 0
