"""`tunelake publish`: the stores that serve, filled once more, compared, opened to readers."""

from __future__ import annotations

from pathlib import Path

import click

import tunelake
from tunelake.cli.show import emit, json_option, say, table
from tunelake.errors import ConfigError
from tunelake.publish.check import CheckReport
from tunelake.publish.run import PublishReport


@click.group(invoke_without_command=True)
@click.option(
    "--repair", is_flag=True, help="Read the stores whole, and mend what somebody else changed there."
)
@json_option
@click.pass_context
def publish(ctx: click.Context, repair: bool, as_json: bool) -> None:
    """Bring the stores that serve to what was built last; collects and computes nothing.

    Only what differs is written, so that a second run writes nothing. When a store cannot be filled, all of
    them go on serving what they hold. TUNELAKE_CATALOGUE_URL and TUNELAKE_DOCUMENTS_URL say which stores.
    """
    if ctx.invoked_subcommand is None:
        from tunelake.bootstrap import publishing

        report = publishing.publish(tunelake.open(), verify=repair)
        emit(report, as_json=as_json, human=lambda: _show(report))


def _show(report: PublishReport) -> None:
    table(["rows", "what"], [[f"{count:,}", f"served {name}"] for name, count in report.rows.items()])
    for name, changes in report.changes.items():
        click.echo(f"{name}: {changes.written:,} written, {changes.removed:,} removed")
    click.echo(f"{report.seconds:.2f} s")


@publish.command()
@json_option
def check(as_json: bool) -> int:
    """Compare what every store holds with what was built.

    Artist by artist; exit code 1 when it differs.
    """
    from tunelake.bootstrap import publishing

    report = publishing.check(tunelake.open())
    emit(report, as_json=as_json, human=lambda: _show_check(report))
    return 0 if report.agrees else 1


def _show_check(report: CheckReport) -> None:
    rows = [
        [f"{one.expected:,}", f"{one.found:,}", one.what, "same" if one.agrees else one.told]
        for one in report.findings
    ]
    table(["artists built", "in the store", "store", "content"], rows)
    if not report.agrees:
        say("`tunelake publish --repair` brings the stores to what was built")


@publish.command()
@click.argument("name")
@json_option
def reader(name: str, as_json: bool) -> None:
    """Make a login for BI tools, which may read and no more.

    NAME may read the published tables and nothing else.
    Its password is what TUNELAKE_READER_PASSWORD holds. For PostgreSQL and MySQL/MariaDB.
    """
    from tunelake.bootstrap import publishing

    place = publishing.grant_reading(tunelake.open(), name)
    emit(
        {"login": name, "reads": place},
        as_json=as_json,
        human=lambda: click.echo(f"{name} may read the tables in {place}"),
    )


@publish.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.zip")
@click.option("--login", required=True, help="Who reads, as made by `tunelake publish reader`.")
@click.option(
    "--at", "place", default="", metavar="HOST:PORT/DATABASE", help="The database as Superset sees it."
)
@json_option
def superset(file: Path, login: str, place: str, as_json: bool) -> None:
    """Write a dashboard for Apache Superset.

    Its database, datasets and charts.

    Import FILE.zip in Superset (Dashboards, Import); it asks for the password of the login, which stands in
    no file. Importing it again changes nothing else.
    """
    from tunelake.bootstrap import publishing

    written = publishing.superset_bundle(tunelake.open(), login, place)
    try:
        file.write_bytes(written)
    except OSError as error:
        raise ConfigError(f"cannot write {file}: {error.strerror}") from error
    emit({"file": str(file)}, as_json=as_json, human=lambda: click.echo(f"import {file} into Superset"))
