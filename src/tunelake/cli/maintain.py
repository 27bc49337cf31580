"""`tunelake maintain`: compaction, vacuum, checkpoints and expiry."""

from __future__ import annotations

from datetime import timedelta

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, plural, progress
from tunelake.cli.show import table as show_table
from tunelake.lake.maintenance.run import MaintainReport, TableUpkeep
from tunelake.lake.maintenance.run import maintain as maintained


@click.command()
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Only this table; may be given again.")
@click.option(
    "--check", is_flag=True, help="Tell what is due and change nothing; exits with 1 when something is."
)
@click.option(
    "--keep-days",
    type=click.FloatRange(min=0),
    default=7.0,
    show_default=True,
    help="How long replaced files stay for readers that are not Tunelake's own, such as Spark.",
)
@json_option
def maintain(tables: tuple[str, ...], check: bool, keep_days: float, as_json: bool) -> int:
    """Take out what has expired, make few sorted files of many, remove old files.

    Landings, builds and queries may run beside it. Facts and stores follow with the next build.
    """
    with progress("maintain") as update:
        opened = tunelake.open()
        keep = timedelta(days=keep_days)
        now = opened.clock.now()
        report = maintained(opened.lake.home, now, tables, keep=keep, check=check, progress=update)
    document = msgspec.to_builtins(report) | {"due": report.due if check else []}
    emit(document, as_json=as_json, human=lambda: _show(report, check=check))
    return 1 if report.waiting or (check and report.due) else 0


def _show(report: MaintainReport, *, check: bool) -> None:
    if check:
        due = [one for one in report.tables if one.table in report.due]
        titles = ["table", "needs", "expired", "files", "MB", "MB with old files"]
        rows = [
            [one.table, one.need, str(one.expired), str(one.files[0]), _mb(one.bytes[0]), _mb(one.disk[0])]
            for one in due
        ]
        _show_tables(titles, rows, len(report.tables) - len(due))
        return
    titles = ["table", "needed", "expired", "files", "MB", "MB with old files", "removed", "seconds"]
    worked_on = [one for one in report.tables if one.need != "nothing" or one.removed or one.expired]
    _show_tables(titles, [_row(one) for one in worked_on], len(report.tables) - len(worked_on))
    swept = report.swept
    if swept.bodies or swept.segments:
        click.echo(f"expired answers: {swept.bodies} emptied, {swept.segments} files of them removed")
    for one in report.snapshots:
        if one.made:
            click.echo(f"{one.table}: current state kept, {one.rows:,} rows in {_mb(one.bytes)} MB")
    for table in report.waiting:
        click.echo(f"{table}: readers hold old files with expired rows; they go the next time")


def _show_tables(titles: list[str], rows: list[list[str]], others: int) -> None:
    if rows:
        show_table(titles, rows)
    if others:
        click.echo(f"nothing to do for {plural(others, 'other table' if rows else 'table')}")


def _row(one: TableUpkeep) -> list[str]:
    return [
        one.table,
        one.need if one.done else "next time",
        str(one.expired),
        "{} > {}".format(*one.files),
        " > ".join(map(_mb, one.bytes)),
        " > ".join(map(_mb, one.disk)),
        str(one.removed),
        f"{one.seconds:.1f}",
    ]


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"
