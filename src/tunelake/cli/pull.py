"""`tunelake pull`: a table of a person's own database into the lake."""

from __future__ import annotations

import click

import tunelake
from tunelake.cli.show import emit, json_option, progress
from tunelake.errors import ConfigError
from tunelake.lake.pull.run import PullReport, pull


@click.command("pull")
@click.argument("table")
@click.option(
    "--from",
    "address",
    metavar="URL",
    help="The database, postgresql://, mysql:// or sqlite:///FILE; default: TUNELAKE_PULL_URL, which is the "
    "place for an address with a password.",
)
@click.option("--as", "into", metavar="NAME", help="Name of the table in the lake; default: its own name.")
@click.option("--by", metavar="COLUMN", help="A column that grows with every change: what is new is pulled.")
@click.option("--all", "again", is_flag=True, help="Read all of it again, also what grows.")
@json_option
def command(
    table: str, address: str | None, into: str | None, by: str | None, again: bool, as_json: bool
) -> int:
    """Pull a table or view of PostgreSQL, MySQL, MariaDB or SQLite into the lake.

    With --by, a time or a number, each pull reads what came since the last one; a row with the same
    primary key replaces the older one, which <table>_history keeps. Without --by the table is replaced.
    Query it like any other: tunelake sql "from <table>".
    """
    product = tunelake.open(kind="data")
    url = address or product.settings.pull_url.reveal()
    if not url:
        raise ConfigError("say which database: --from sqlite:///music.db, or set TUNELAKE_PULL_URL")
    with progress("") as update:
        report = pull(
            product.lake.home,
            url,
            table,
            into=into or table.rpartition(".")[2].lower(),
            now=product.clock.now(),
            by=by,
            again=again,
            progress=lambda rows: update("rows", rows, None),
        )
    emit(report, as_json=as_json, human=lambda: _show(report))
    return 0


def _show(report: PullReport) -> None:
    since = "" if report.since is None else f" since {report.since}"
    click.echo(f"{report.origin}{since}: {report.read:,} rows read, {report.new:,} new in '{report.table}'")
    if report.dropped:
        click.echo(
            f"{report.dropped:,} rows tell of what was erased here and were left out: `tunelake purge --list`"
        )
