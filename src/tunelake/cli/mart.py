"""`tunelake mart`: the marts, run, planned, traced, described and exported."""

from __future__ import annotations

import click

import tunelake
from tunelake.cli.show import emit, json_option, table
from tunelake.mart.plan import Step
from tunelake.mart.run import MartReport

_names = click.argument("names", nargs=-1, metavar="[MART]...")


@click.group()
def mart() -> None:
    """The marts: facts that SELECT files compute from the tables.

    Models of your own go into the folder `models` of the home; one of a shipped name takes its place.
    """


@mart.command()
@_names
@click.option("--full", is_flag=True, help="Build everything, whatever changed.")
@click.option(
    "--engine", type=click.Choice(("duckdb", "spark")), default="duckdb", show_default=True,
    help="Where models run; Spark is where TUNELAKE_SPARK_REMOTE says, and builds all.",
)  # fmt: skip
@json_option
def run(names: tuple[str, ...], full: bool, engine: str, as_json: bool) -> None:
    """Build the marts that changed (or those named, and what they need), check them, keep them.

    When a check fails, all marts stay as they were, and the exit code is 4.
    """
    from tunelake.bootstrap import marts

    on: marts.EngineName = "spark" if engine == "spark" else "duckdb"
    report = marts.run(tunelake.open(), names, full=full, on=on)
    emit(report, as_json=as_json, human=lambda: _show_run(report))


def _show_run(report: MartReport) -> None:
    rows = [
        [f"{model.rows:,}", model.name, model.action, f"{model.seconds:.2f}", model.why]
        for model in report.models
    ]
    table(["rows", "mart", "made", "seconds", "why"], rows)
    click.echo(f"{report.checks} checks held; {report.seconds:.2f} s")


@mart.command()
@_names
@json_option
def plan(names: tuple[str, ...], as_json: bool) -> None:
    """What a run would do now, and why; nothing is computed."""
    from tunelake.bootstrap import marts

    steps = marts.planned(tunelake.open(), names)
    emit(steps, as_json=as_json, human=lambda: _show_plan(steps))


def _show_plan(steps: list[Step]) -> None:
    table(["mart", "to make", "why"], [[step.mart, step.action, step.why] for step in steps])
