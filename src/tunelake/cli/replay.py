"""`tunelake replay`: the tables once more from the kept answers."""

from __future__ import annotations

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, progress
from tunelake.cli.show import table as show_table
from tunelake.lake.lander import LandReport
from tunelake.lake.replay import ReplayReport


@click.command()
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Only this table; may be given again.")
@click.option("--check", is_flag=True, help="Compare and change nothing; exits with 1 when a table differs.")
@json_option
def replay(tables: tuple[str, ...], check: bool, as_json: bool) -> int:
    """Rebuild the tables from the kept answers, without a single request.

    Rows whose answer is no longer kept are carried over as they are.
    """
    with progress("replay") as update:

        def told(report: LandReport) -> None:
            update("answers", report.pages, None)

        report = tunelake.open().lake.replay(tables, check=check, progress=told)
    document = msgspec.to_builtins(report) | {"differing": report.differing}
    emit(document, as_json=as_json, human=lambda: _show(report, check=check))
    return 1 if report.damages or (check and report.differing) else 0


def _show(report: ReplayReport, *, check: bool) -> None:
    rows = [
        [name, f"{one.rows:,}", f"{one.rebuilt:,}", f"{one.missing:,}", f"{one.added:,}", one.content]
        for name, one in report.tables.items()
    ]
    show_table(["table", "rows", "rebuilt", "only there", "only rebuilt", "content"], rows)
    click.echo(
        f"{report.pages:,} answers read again in {report.seconds:.1f} s; they cover {report.share:.1%}"
    )
    for damage in report.damages:
        click.echo(f"damaged: {damage}")
    for name in report.differing:
        click.echo(f"{name} differs, for example {report.tables[name].example[:300]}")
    if not report.differing:
        click.echo("every table is what the kept answers say")
    elif check:
        click.echo("nothing was changed; without --check these tables are rebuilt")
    else:
        click.echo(f"rebuilt: {', '.join(report.written)}")
