"""`tunelake contracts`: what the tables promise, and whether it holds."""

from __future__ import annotations

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, table
from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import Contract, load, public
from tunelake.lake.contracts.odcs import document
from tunelake.lake.contracts.versions import read
from tunelake.lake.tables.checks import Finding


@click.command()
@click.argument("name", required=False, metavar="[TABLE]")
@click.option("--check", is_flag=True, help="Test what is promised; exits with 1 when it does not hold.")
@click.option("--odcs", is_flag=True, help="Print a document of the Open Data Contract Standard (JSON).")
@json_option
def contracts(name: str | None, check: bool, odcs: bool, as_json: bool) -> int:
    """Show the tables' contracts: columns, keys, units, meaning, rules."""
    known = load()
    if name is not None and name not in known:
        raise ConfigError(f"there is no table '{name}'; there is {', '.join(known)}")
    chosen = [known[name]] if name else list(known.values())
    if check:
        return _check(chosen, as_json=as_json)
    if odcs:
        emit(document(chosen), as_json=True, human=lambda: None)
    else:
        emit([msgspec.to_builtins(one) for one in chosen], as_json=as_json, human=lambda: _show(chosen))
    return 0


def _show(chosen: list[Contract]) -> None:
    if len(chosen) == 1:
        (one,) = chosen
        click.echo(f"{one.table} {one.version}: {one.meaning}")
        for version in read().get(one.table, ())[1:]:
            click.echo(f"{version.version}: {version.note}")
        rows = [[c.name, c.type, c.unit, "" if c.nullable else "never null", c.meaning] for c in public(one)]
        table(["column", "type", "unit", "", "meaning"], rows)
        for rule in one.rules:
            click.echo(f"{rule.severity} when rows {rule.meaning}")
        return
    rows = [[one.table, one.version, ", ".join(one.primary_key), one.meaning] for one in chosen]
    table(["table", "version", "key", "meaning"], rows)


def _check(chosen: list[Contract], *, as_json: bool) -> int:
    lake = tunelake.open()
    findings = lake.lake.check([one.table for one in chosen], lake.clock.now())
    broken = [found for found in findings if found.offences]
    emit(
        [msgspec.to_builtins(found) for found in findings],
        as_json=as_json,
        human=lambda: _tell(findings, broken),
    )
    return 1 if any(found.fails for found in findings) else 0


def _tell(findings: list[Finding], broken: list[Finding]) -> None:
    for found in broken:
        click.echo(f"{found.check.severity}: {found}")
    click.echo(f"{len(findings) - len(broken)} of {len(findings)} promises hold")
