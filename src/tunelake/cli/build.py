"""`tunelake build`: from the lake to what serves."""

from __future__ import annotations

import click

import tunelake
from tunelake.cli.show import emit, json_option, progress, say, table
from tunelake.work.build import BuildReport


@click.command()
@json_option
def build(as_json: bool) -> int:
    """Land what is new, compute facts and similar artists, publish them.

    What served before goes on serving until all of it is done.
    """
    with progress("") as update:
        report = tunelake.open().build(update)
    emit(report, as_json=as_json, human=lambda: show_build(report))
    if not report.published.rows.get("artists"):
        say(
            "no artist is known yet: `tunelake collect artists --name BTS`, "
            "or `tunelake upload FILE --as artists`; then build again"
        )
    return 1 if report.landed.rejected or report.landed.damages else 0


def show_build(report: BuildReport) -> None:
    """Print rows by mart and store, and the seconds of each stage."""
    rows = [*report.marts.rows.items(), ("similar artists", report.similar.neighbours)]
    rows += [(f"served {name}", count) for name, count in report.published.rows.items()]
    table(["rows", "what"], [[f"{count:,}", name] for name, count in rows])
    for left_out in report.similar.left_out:
        click.echo(f"left out: {left_out}")
    click.echo(", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in report.seconds.items()))
