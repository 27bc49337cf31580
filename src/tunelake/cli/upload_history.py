"""`tunelake upload` of a listening history: what it did, for people."""

from __future__ import annotations

import click

from tunelake.cli.show import table
from tunelake.lake.lander import LandReport
from tunelake.lake.upload.history.report import HistoryReport

SHOWN = 20


def left_out(landed: LandReport) -> str:
    """Say how many rows of a file are not taken though nothing is wrong with them."""
    return f"{landed.dropped:,} rows tell of what was erased here and were left out: `tunelake purge --list`"


def show_history(report: HistoryReport, landed: LandReport) -> None:
    """Print what became of an export."""
    click.echo(
        f"{report.file}: {report.rows_read:,} plays read, {report.rows_taken:,} taken, "
        f"{report.rows_duplicate:,} known already, {report.rows_rejected:,} not taken"
    )
    if report.first and report.last:
        click.echo(f"of {', '.join(report.users)}, from {report.first:%Y-%m-%d} to {report.last:%Y-%m-%d}")
    rows = [
        [
            f"{one.rows:,}",
            f"{one.taken:,}",
            f"{one.duplicates:,}",
            f"{one.rejected:,}",
            one.shape,
            one.file.rpartition("/")[2],
        ]
        for one in report.files
    ]
    table(["plays", "taken", "known", "not taken", "kind", "file"], rows)
    if report.left_out:
        click.echo(f"left out of every play: {', '.join(report.left_out)}")
    if report.passed_over:
        click.echo(f"{len(report.passed_over)} other files were not read")
    shown = [(file, row) for file, rejected in report.rejected.items() for row in rejected][:SHOWN]
    for file, row in shown:
        value = f" {row.value!r}" if row.value else ""
        click.echo(f"  {file}, row {row.row}: {row.column or ''}{value}: {row.reason}")
    if report.rows_rejected > len(shown):
        click.echo('  the rest: tunelake sql "select * from quarantine"')
    if landed.dropped:
        click.echo(left_out(landed))
    if landed.rows.get("listens"):
        click.echo(f"{landed.rows['listens']:,} new rows in table listens")
        click.echo("`tunelake collect tracks --played` collects the tracks they name")
