"""`tunelake upgrade`: a home of an older version as this one writes it."""

from __future__ import annotations

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, table
from tunelake.lake.home import FORMAT
from tunelake.lake.upgrade import UpgradeReport, upgrade_format
from tunelake.settings import load


@click.command()
@click.option("--check", is_flag=True, help="Only tell; exits with 1 when something is to be done.")
@json_option
def upgrade(check: bool, as_json: bool) -> int:
    """Bring the home and its tables to what this version of Tunelake writes.

    Old data can be queried without it. Nothing is asked of a source, and a table is replaced at once: whoever
    reads meanwhile sees what was there before.
    """
    was = upgrade_format(load().home, check=check)
    if check and was < FORMAT:  # its tables cannot be looked at before
        report = UpgradeReport(was=was, format=FORMAT, tables=())
    else:
        report = tunelake.open().lake.upgrade(was, check=check)
    emit(
        msgspec.to_builtins(report) | {"needed": report.needed},
        as_json=as_json,
        human=lambda: _show(report, check=check),
    )
    return 1 if check and report.needed else 0


def _show(report: UpgradeReport, *, check: bool) -> None:
    if not report.needed:
        click.echo(f"up to date: format {report.format}, every table as its contract says")
        return
    if report.was < report.format:
        click.echo(f"format {report.was} to {report.format}")
    rows = [
        [one.table, ", ".join(one.added), ", ".join(one.changed), ", ".join(one.gone)]
        for one in report.tables
    ]
    table(["table", "gets", "other type", "renamed"], rows)
    click.echo("nothing was changed; run it without --check" if check else "done")
