"""`tunelake replay`: the tables once more from the kept answers."""

from __future__ import annotations

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, progress
from tunelake.cli.show import table as show_table
from tunelake.lake.lander import LandReport
from tunelake.lake.repair.run import Mended
from tunelake.lake.replay import ReplayReport


@click.command()
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Only this table; may be given again.")
@click.option("--check", is_flag=True, help="Compare and change nothing; exits with 1 when a table differs.")
@click.option("--repair", is_flag=True, help="Read every table, and make anew only those that are damaged.")
@json_option
def replay(tables: tuple[str, ...], check: bool, repair: bool, as_json: bool) -> int:
    """Rebuild the tables from the kept answers, without a single request.

    Rows whose answer is no longer kept are carried over as they are.
    """
    if repair and (tables or check):
        raise click.UsageError("--repair looks at all tables and changes them: give it alone")
    with progress("replay") as update:

        def told(report: LandReport) -> None:
            update("answers", report.pages, None)

        if repair:
            return _tell(tunelake.open().lake.repair(told), as_json=as_json)
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


def _tell(mended: list[Mended], *, as_json: bool) -> int:
    def show() -> None:
        for one in mended:
            click.echo(f"{one.part}/{one.table}: {one.why}; {one.done}")
            if not one.whole and one.part != "own":
                click.echo("  answers that told of it are no longer kept: rows of theirs may be lost")
        if not mended:
            click.echo("every table can be read to the end: nothing was changed")

    emit({"damaged": msgspec.to_builtins(mended)}, as_json=as_json, human=show)
    return 0 if all(one.whole for one in mended) else 1
