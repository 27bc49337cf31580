"""`tunelake engines`: whether every engine gives the same answers."""

from __future__ import annotations

import click

import tunelake
from tunelake.cli.show import emit, json_option, progress, table
from tunelake.mart.engines import EngineReport


@click.group()
def engines() -> None:
    """The engines that run the marts: DuckDB here, Spark where TUNELAKE_SPARK_REMOTE says."""


@engines.command()
@json_option
def check(as_json: bool) -> int:
    """Run every model on each configured engine, and compare.

    Over the same versions of the tables; rows that are landed but in no snapshot yet are read too. Exit
    code 1 when results differ.
    """
    from tunelake.bootstrap import marts

    with progress("") as update:
        report = marts.check(tunelake.open(), update)
    emit(report, as_json=as_json, human=lambda: show_check(report))
    return 0 if report.same else 1


def show_check(report: EngineReport) -> None:
    """Print seconds by engine and, of each mart, whether it is the same."""
    for name in report.engines:
        click.echo(f"{name}: {report.models} models ran in {report.seconds[name]:.1f} s")
    relative, absolute = report.tolerance
    for other, found in report.compared.items():
        rows = [
            [
                f"{each.rows[0]:,}",
                each.mart,
                "differs" if each.differences else "same",
                *_first(each.differences),
            ]
            for each in found
        ]
        table(["rows", "mart", other, "where"], rows)
        for each in found:
            for difference in each.differences:
                click.echo(f"{each.mart}: {difference}")
        furthest = max((each.furthest for each in found), default=0.0)
        click.echo(
            f"{report.engines[0]} and {other} read the same {sum(v >= 0 for v in report.versions.values())} "
            f"tables at the same versions; floats may be {relative:g} apart (of the greater) "
            f"or {absolute:g}, and were at most {furthest:.1e} apart"
        )
    if not report.compared:
        click.echo(
            "nothing was compared: one engine is configured; "
            "set TUNELAKE_SPARK_REMOTE=sc://host:15002 for another"
        )


def _first(differences: tuple[str, ...]) -> list[str]:
    return [differences[0][:60] if differences else ""]
