"""`tunelake logout`: what was the user's goes."""

from __future__ import annotations

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option
from tunelake.collect.login.files import LoginFiles
from tunelake.work.listens import Left, log_out


@click.command()
@click.option("--user", help="Erase the plays of this user instead of who is logged in.")
@click.option("--source", default="spotify", show_default=True, help="Where that user's id is from.")
@json_option
def logout(user: str | None, source: str, as_json: bool) -> int:
    """Log out and erase what was that user's: plays, polled or uploaded, raw answers and tokens."""
    product = tunelake.open(kind="data")
    files = LoginFiles(product.lake.home.root)
    with product.ledger() as ledger:
        left = log_out(product.lake, files, user=user, source=source, ledger=ledger)
    emit(msgspec.to_builtins(left), as_json=as_json, human=lambda: _show(left))
    return 0


def _show(left: Left) -> None:
    click.echo(
        f"{left.user_id} is logged out: {left.rows['listens']:,} rows of plays, {left.pages:,} raw answers "
        "and the tokens are erased"
    )
    if left.torn:
        click.echo(f"{left.torn:,} ends of half-written answers that were kept aside are removed")
    whose = f"--user {left.user_id} --source {left.source}"
    click.echo(f"older versions of the tables hold these plays: `tunelake purge {whose} --yes`")
    click.echo("at the source, the access can be taken back under the apps of the account")
