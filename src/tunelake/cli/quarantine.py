"""`tunelake quarantine`: what could not become a row, why, and how it leaves."""

from __future__ import annotations

import getpass
from typing import Any

import click

import tunelake
from tunelake.cli.show import emit, json_option, table
from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import load
from tunelake.lake.quarantine.duckdb_release import ReleaseReport
from tunelake.lake.quarantine.entries import Entry

_SHOWN = 100
_BODY = 20_000  # characters of an answer that a person is shown

table_option = click.option("--table", "of", metavar="NAME", help="Only rows of this table.")


@click.group(invoke_without_command=True)
@table_option
@json_option
@click.pass_context
def quarantine(ctx: click.Context, of: str | None, as_json: bool) -> None:
    """List what could not become a row, and why, the newest first."""
    if ctx.invoked_subcommand is not None:
        return
    known = _known(of)
    found = [entry for entry in tunelake.open().lake.quarantined() if of is None or _table(entry) == known]
    emit([_told(entry) for entry in found], as_json=as_json, human=lambda: _show(found))


def _known(name: str | None) -> str | None:
    if name is not None and name not in load():
        raise ConfigError(f"there is no table '{name}'; there is {', '.join(load())}")
    return name


def _table(entry: Entry) -> str | None:
    return entry.row[0] if entry.row else None


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "table": _table(entry),
        "where": entry.where,
        "reason": entry.reason,
        "source": entry.source,
        "endpoint": entry.endpoint,
        "page_id": entry.page_id,
        "observed_at": entry.observed_at,
    }


def _show(found: list[Entry]) -> None:
    rows = [[one.id, f"{one.source} {one.endpoint}", one.where, one.reason] for one in found[:_SHOWN]]
    if rows:
        table(["id", "answer", "where", "reason"], rows)
    more = f"; {_SHOWN} of them are shown" if len(found) > _SHOWN else ""
    click.echo(f"{len(found):,} in quarantine{more}" if found else "nothing is in quarantine")


@quarantine.command()
@click.argument("entry_id", metavar="ID")
@json_option
def show(entry_id: str, as_json: bool) -> None:
    """Show one entry and the answer that it was read from.

    As it was received.
    """
    lake = tunelake.open().lake
    found = [entry for entry in lake.quarantined() if entry.id == entry_id]
    if not found:
        raise ConfigError(f"nothing in quarantine is called {entry_id}: see `tunelake quarantine`")
    entry, page = found[0], lake.read_page(found[0].page_id)
    body = page.body.decode(errors="replace")

    def human() -> None:
        click.echo(f"{entry.where}: {entry.reason}")
        click.echo(f"{page.source} {page.path}, {page.fetched_at:%Y-%m-%d %H:%M:%S} UTC")
        click.echo(
            body[:_BODY] + (f"\n({len(body):,} characters; --json prints all)" if len(body) > _BODY else "")
        )

    emit(
        _told(entry) | {"path": page.path, "params": page.params, "body": body}, as_json=as_json, human=human
    )


@quarantine.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All entries, or all of --table.")
@table_option
@click.option(
    "--accept", is_flag=True, help="Take rows as they are: what does not fit is converted, or null."
)
@click.option("--why", help="The reason, kept with the decision.")
@json_option
def release(
    ids: tuple[str, ...], everything: bool, of: str | None, accept: bool, why: str | None, as_json: bool
) -> int:
    """Read the kept answers again.

    What keeps the contract now goes into its table.
    Use it after a fix of a reader or a contract. Who, when and why is kept in table quarantine_releases.
    Exit code 1 when something had to stay.
    """
    if bool(ids) == everything:
        raise ConfigError("name entries, or say --all")
    lake = tunelake.open()
    report = lake.lake.release(
        ids, _known(of), accept=accept, who=_who(), why=why, now=lake.clock.now()
    )  # fmt: skip
    document = {
        "released": [_told(entry) | {"how": how} for entry, how in report.released],
        "staying": [_told(entry) | {"now": reason} for entry, reason in report.staying],
        "tables": report.tables,
    }
    emit(document, as_json=as_json, human=lambda: _show_release(report))
    return 1 if report.staying else 0


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in containers
        return "unknown"


def _show_release(report: ReleaseReport) -> None:
    rows = [[entry.id, how, entry.where, entry.reason] for entry, how in report.released[:_SHOWN]]
    rows += [[entry.id, "stays", entry.where, reason] for entry, reason in report.staying[:_SHOWN]]
    if rows:
        table(["id", "", "where", "reason"], rows)
    changed = f"; changed: {', '.join(report.tables)}" if report.tables else ""
    click.echo(f"{len(report.released):,} released, {len(report.staying):,} stay{changed}")
