"""`tunelake move`: a home from a laptop to servers, or back, proved before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from tunelake.cli.show import emit, json_option, progress, table
from tunelake.errors import ConfigError
from tunelake.settings import load

if TYPE_CHECKING:
    from tunelake.bootstrap.moving import Moved


@click.command()
@click.option("--lake", metavar="URL", help="Where the lake goes: s3://BUCKET/PREFIX, or `folder`.")
@click.option("--control", metavar="URL", help="A PostgreSQL for ledger and budgets: postgresql://...")
@click.option("--catalogue", metavar="URL", help="The relational store that is to serve.")
@click.option(
    "--remove",
    is_flag=True,
    help="Remove the lake where it was, once both were found equal; alone, what an earlier move left.",
)
@json_option
def move(lake: str | None, control: str | None, catalogue: str | None, remove: bool, as_json: bool) -> int:
    """Take this home elsewhere: its lake into a bucket, its control state into a PostgreSQL, or back.

    Everything is copied and compared before the home goes over by one write; until then it works as before,
    and a run that was ended is run again. No job may run meanwhile.
    """
    from tunelake.bootstrap import moving

    if not (lake or control or catalogue or remove):
        raise ConfigError("say what is to move: --lake, --control or --catalogue")
    with progress("move") as update:
        moved = moving.move(
            load(),
            lake=lake or "",
            control=control or "",
            catalogue=catalogue or "",
            remove=remove,
            progress=update,
        )
    emit(msgspec.to_builtins(moved), as_json=as_json, human=lambda: _show(moved))
    return 0


def _show(moved: Moved) -> None:
    if moved.lake:
        rows = [[name, f"{one.rows:,}", one.content] for name, one in moved.lake.tables.items()]
        table(["table", "rows", "content"], rows)
        click.echo(
            f"{len(rows)} tables and {moved.lake.answers.pages:,} answers are the same in "
            f"{moved.lake.source} and {moved.lake.target}; {moved.lake.seconds:.1f} s"
        )
    if moved.control is not None:
        counts = ", ".join(f"{rows:,} {name}" for name, rows in moved.control.items())
        click.echo(f"ledger: {counts}; budgets: {len(moved.budgets)}")
    if moved.removed:
        click.echo(f"the lake that was in {moved.removed} is removed")
    if moved.old:
        click.echo(f"the lake that was in {moved.old} is still there, unused; --remove removes it")
    for name, value in moved.settings.items():
        click.echo(f"set {name}={value}" if value else f"do not set {name} any more")
