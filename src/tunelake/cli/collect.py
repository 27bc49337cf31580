"""`tunelake collect`: artists and playlists, from a source into the lake."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, progress, say, table
from tunelake.collect.report import RunReport
from tunelake.collect.run import PARTS
from tunelake.errors import ConfigError
from tunelake.lake.lander import LandReport

SHOWN = 20
"""Lines of a long list that are printed; the rest is in the ledger, and in --json."""


@click.group()
def collect() -> None:
    """Collect from a source into the lake, within its limits; run again to go on where it stopped."""


@collect.command()
@click.option("--names", "file", help="A file with one name a line; - reads them from stdin.")
@click.option("--name", "names", multiple=True, help="One name; repeatable.")
@click.option("--id", "ids", multiple=True, help="One artist id; repeatable.")
@click.option("--with", "parts", default="", help=f"More to collect, with commas: {','.join(PARTS)}.")
@click.option("--market", "markets", multiple=True, help="Market of top tracks, such as KR; repeatable.")
@json_option
def artists(
    file: str | None,
    names: tuple[str, ...],
    ids: tuple[str, ...],
    parts: str,
    markets: tuple[str, ...],
    as_json: bool,
) -> int:
    """Collect artists by name or id; every one ends stored, ambiguous or not found, with a reason."""
    asked = [*filter(str.strip, names), *(read_names(file) if file else [])]
    ids = tuple(filter(str.strip, ids))
    if not asked and not ids:
        raise ConfigError("nothing to collect: give --names FILE, --name NAME or --id ID")
    lake = tunelake.open(kind="data")
    with progress("") as update:
        report = lake.collect_artists(
            names=asked, ids=ids, with_=_words(parts), markets=_markets(markets), progress=update
        )
    return _finish(report, lake.land(), as_json=as_json)


@collect.command()
@click.option("--id", "ids", multiple=True, required=True, help="One playlist id; repeatable.")
@json_option
def playlists(ids: tuple[str, ...], as_json: bool) -> int:
    """Collect playlists with their items."""
    ids = tuple(filter(str.strip, ids))
    if not ids:
        raise ConfigError("nothing to collect: give --id ID, a playlist's id or address")
    lake = tunelake.open(kind="data")
    with progress("") as update:
        report = lake.collect_playlists(ids, update)
    return _finish(report, lake.land(), as_json=as_json)


def read_names(file: str) -> list[str]:
    """Read one name a line; a BOM, blank lines and line ends of any system are no names."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{file}, line {line}: not UTF-8; save the file as UTF-8") from error
    if "\0" in text:
        raise ConfigError(f"{file} is not text in UTF-8; save the file as UTF-8")
    names = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
    if not names:
        raise ConfigError(f"{file} holds no names: write one name a line")
    return names


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _markets(markets: tuple[str, ...]) -> list[str]:
    for market in markets:
        if not re.fullmatch("[A-Za-z]{2}", market):
            raise ConfigError(f"market {market!r} is not two letters, such as KR")
    return [market.upper() for market in markets]


def _finish(report: RunReport, landed: LandReport, *, as_json: bool) -> int:
    code = report.exit_code or (1 if landed.rejected or landed.damages else 0)
    document = msgspec.to_builtins(report) | {"landed": msgspec.to_builtins(landed), "exit_code": code}
    emit(document, as_json=as_json, human=lambda: _show(report, landed))
    return code


def _show(report: RunReport, landed: LandReport) -> None:
    states = ", ".join(f"{count} {state}" for state, count in sorted(report.by_state.items()))
    click.echo(f"asked {report.asked}: {states}")
    if report.calls_by_endpoint:
        table(["calls", "endpoint"], [[str(n), name] for name, n in sorted(report.calls_by_endpoint.items())])
    if landed.rows:
        table(["new rows", "table"], [[f"{n:,}", name] for name, n in sorted(landed.rows.items())])
    else:
        click.echo("nothing new: no table changed")
    unmet = [want for want in report.wants if not want.artist_id]
    _listed([f"{want.asked!r}: {want.state}, {want.reason}" for want in unmet])
    _listed([f"not allowed for this application: {name}, {why}" for name, why in report.forbidden.items()])
    _listed(report.notes)
    if report.gaps:
        count = len(report.gaps)
        click.echo(f"{count} gap{'' if count == 1 else 's'}, still owed:")
        _listed([f"{gap.what}: {gap.state}, {gap.reason}" for gap in report.gaps])
    if landed.rejected:
        click.echo(f"{landed.rejected} rows could not be taken: see table quarantine")
    _listed(landed.damages)
    if report.parked_until:
        click.echo(
            f"parked by the source until {report.parked_until:%Y-%m-%d %H:%M:%S} UTC; then run it again"
        )
    retries = ", ".join(f"{count} {kind}" for kind, count in report.retries.items())
    say(f"{report.calls} calls in {report.seconds:.1f} s" + (f"; repeated: {retries}" if retries else ""))


def _listed(lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN:
        click.echo(f"  ... and {len(lines) - SHOWN} more: see `tunelake ledger`, or --json")
