"""`tunelake mart`: the marts, run, planned, traced, described and exported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import tunelake
from tunelake.cli.show import emit, json_option, printing, say, table
from tunelake.errors import ConfigError, Fatal
from tunelake.mart.plan import Step
from tunelake.mart.run import MartReport

if TYPE_CHECKING:
    from tunelake.bootstrap.marts import Lineage

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
    """Build the marts that changed, check them, keep them.

    Or those named, and what they need.

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


@mart.command()
@_names
@click.option("--picture", is_flag=True, help="A Mermaid picture, column by column.")
@json_option
def lineage(names: tuple[str, ...], picture: bool, as_json: bool) -> None:
    """Where each column of a mart comes from, and its rights.

    Back to the tables, with what may be done with it.

    Uses are those of the rights that rows have now, and of what TUNELAKE_RIGHTS states.
    """
    from tunelake.bootstrap import marts

    found = marts.lineage(tunelake.open(), names)
    emit(found, as_json=as_json, human=lambda: _picture(found) if picture else _show_lineage(found))


def _show_lineage(found: list[Lineage]) -> None:
    for each in found:
        roots = {
            column: ", ".join(f"{origin.table}.{origin.column}" for origin in origins)
            for column, origins in each.traced.roots.items()
        }
        table(
            [each.traced.mart, "comes from", "rights"],
            [
                [column, origins or "counted or constant", "+".join(each.rights.columns.get(column, ()))]
                for column, origins in roots.items()
            ],
        )
        uses = [use for use, is_allowed in each.rights.uses.items() if is_allowed]
        by_row = "; its rows tell their rights" if each.rights.by_row else ""
        until = f"; the first row expires {each.rights.expires}" if each.rights.expires else ""
        click.echo(f"may be put to: {', '.join(uses)}{by_row}{until}\n")


def _picture(found: list[Lineage]) -> None:
    from tunelake.mart.dictionary import mermaid

    click.echo(
        mermaid(
            (f"{origin.table}.{origin.column}", f"{each.traced.mart}.{column}")
            for each in found
            for column, origins in each.traced.direct.items()
            for origin in origins
        )
    )


@mart.command()
@json_option
def docs(as_json: bool) -> None:
    """The data dictionary of the marts, as Markdown.

    With a picture of what comes from what.
    """
    from tunelake.bootstrap import marts

    home = tunelake.open()
    text = marts.described(home)
    document = {"models": marts.models_of(home), "markdown": text} if as_json else text
    emit(document, as_json=as_json, human=lambda: click.echo(text, nl=False))


@mart.command()
@click.argument("name", metavar="MART")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def export(name: str, path: Path) -> None:
    """Write a mart to a file, .parquet or .csv.

    Refused where rights do not allow it.
    """
    from tunelake.bootstrap import marts

    if path.suffix not in {".parquet", ".csv"}:
        raise ConfigError(f"{path} must end in .parquet or .csv")
    rows = marts.exported(tunelake.open(), name)
    try:
        if path.suffix == ".csv":
            import csv

            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(rows.column_names)
                writer.writerows(row.values() for row in rows.to_pylist())
        else:
            import pyarrow.parquet as pq

            pq.write_table(rows, path)
    except OSError as error:
        raise Fatal(f"{path} cannot be written: {error}") from error
    with printing():
        say(f"{rows.num_rows:,} rows of {name} in {path}")
