"""`tunelake collect`: artists and playlists, from a source into the lake."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import click
import msgspec

import tunelake
from tunelake.cli.listens import listens
from tunelake.cli.show import emit, json_option, progress, say, table
from tunelake.cli.tracks import tracks
from tunelake.collect.jobs.discover import MOST, read_bounds
from tunelake.collect.jobs.parts import PARTS
from tunelake.collect.open_sources.parts import PARTS as OPEN_PARTS
from tunelake.collect.ports import Want
from tunelake.collect.report import RunReport
from tunelake.errors import ConfigError
from tunelake.lake.lander import LandReport

AGE_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST_AGE = 100_000
LONGEST_SHOWN = 60
"""Characters of a name that are printed."""
SHOWN = 20
"""Lines of a long list that are printed; the rest is in the ledger, and in --json."""


Command = TypeVar("Command", bound=Callable[..., object])


def artist_options(command: Command) -> Command:
    """Add the options that say which artists, and what of them."""
    for option in (
        click.option("--max-artists", "most", type=click.IntRange(1), default=MOST, show_default=True,
                     help="How many artists there may be with those discovered."),
        click.option("--discover", default="", help="Add related artists, so many steps: related:1."),
        click.option("--market", "markets", multiple=True, help="Market of top tracks (KR); repeatable."),
        click.option("--with", "parts", default="", help=f"More to collect, with commas: {','.join(PARTS)}."),
        click.option("--id", "ids", multiple=True, help="One artist id; repeatable."),
        click.option("--name", "names", multiple=True, help="One name; repeatable."),
        click.option("--names", "file", help="A file with one name a line; - reads them from stdin."),
    ):  # fmt: skip
        command = option(command)
    return command


def read_age(_context: click.Context, _option: click.Parameter, text: str | None) -> timedelta | None:
    """Read an age such as 36h or 7d."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip())
    if not found or float(found[1]) > LONGEST_AGE:
        raise click.BadParameter(f"{text!r} is no age: write a number and s, m, h, d or w, such as 36h")
    return timedelta(seconds=float(found[1]) * AGE_UNITS[found[2]])


def age_option(command: Command) -> Command:
    """Add the option that says how old is old."""
    words = "Those looked at longer ago than this (36h, 7d); without it, those due by how often they change."
    return click.option("--older-than", "age", metavar="AGE", callback=read_age, help=words)(command)


@click.group()
def collect() -> None:
    """Collect from a source into the lake, within its limits; run again to go on where it stopped."""


collect.add_command(listens)
collect.add_command(tracks)


@collect.command()
@artist_options
@click.option(
    "--source",
    type=click.Choice(["spotify", *OPEN_PARTS]),
    default="spotify",
    show_default=True,
    help="Where from; the others need no account.",
)
@json_option
def artists(
    *,
    file: str | None,
    names: tuple[str, ...],
    ids: tuple[str, ...],
    source: str,
    parts: str,
    markets: tuple[str, ...],
    discover: str,
    most: int,
    as_json: bool,
) -> int:
    """Collect artists by name or id; every one ends stored, ambiguous or not found, with a reason."""
    asked, ids = read_asked(file, names, ids)
    bounds = read_bounds(discover, most)
    lake = tunelake.open(kind="data")
    if source in OPEN_PARTS:
        if discover or markets:
            raise ConfigError(f"--discover and --market are not for {source}, which has neither")
        with progress("") as update:
            report = lake.collect_open_artists(
                source, names=asked, ids=ids, with_=read_words(parts), progress=update
            )
        return _finish(report, lake.land(), as_json=as_json)
    with progress("") as update:
        report = lake.collect_artists(
            names=asked,
            ids=ids,
            with_=read_words(parts),
            markets=read_markets(markets),
            bounds=bounds,
            progress=update,
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


@collect.command()
@age_option
@json_option
def refresh(age: timedelta | None, as_json: bool) -> int:
    """Look again at artists that are known, those of longest ago first."""
    lake = tunelake.open(kind="data")
    with progress("") as update:
        report = lake.refresh_artists(age, update)
    return _finish(report, lake.land(), as_json=as_json)


def read_asked(
    file: str | None, names: tuple[str, ...], ids: tuple[str, ...]
) -> tuple[list[str], tuple[str, ...]]:
    """Read the names and ids that were asked for; there must be one."""
    asked = [*filter(str.strip, names), *(read_names(file) if file else [])]
    ids = tuple(filter(str.strip, ids))
    if not asked and not ids:
        raise ConfigError("nothing to collect: give --names FILE, --name NAME or --id ID")
    return asked, ids


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


def read_words(text: str) -> list[str]:
    """Read words with commas between them."""
    return [word.strip() for word in text.split(",") if word.strip()]


def read_markets(markets: tuple[str, ...]) -> list[str]:
    """Read markets, two letters each."""
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
    _listed([line for want in report.wants if not want.artist_id for line in _unmet(want)])
    _listed([f"not allowed for this application: {name}, {why}" for name, why in report.forbidden.items()])
    _listed(report.notes)
    if report.gaps:
        count = len(report.gaps)
        click.echo(f"{count} gap{'' if count == 1 else 's'}, still owed:")
        _listed([f"{gap.what}: {gap.state}, {gap.reason}" for gap in report.gaps])
    if landed.rejected:
        click.echo(f"{landed.rejected} rows or fields could not be taken: see table quarantine")
    _listed([f"drift: {told}" for told in _drift(landed)])
    _listed(landed.damages)
    if report.parked_until:
        click.echo(
            f"parked by the source until {report.parked_until:%Y-%m-%d %H:%M:%S} UTC; then run it again"
        )
    retries = ", ".join(f"{count} {kind}" for kind, count in report.retries.items())
    say(f"{report.calls} calls in {report.seconds:.1f} s" + (f"; repeated: {retries}" if retries else ""))


def _unmet(want: Want) -> Iterator[str]:
    """What became of a name that is nobody's yet; of several candidates, how to choose."""
    yield f"{_short(want.asked)!r}: {want.state}, {want.reason}"
    if want.candidates:
        yield "  choose one by --id:"
    for one in want.candidates:
        told = [one.about, "" if one.popularity is None else f"popularity {one.popularity}"]
        facts = "; ".join(filter(None, told)) or "the source tells nothing else"
        yield f"  {one.artist_id}  {one.name} ({facts}), {one.score:.0%} alike"


def _short(asked: str) -> str:
    return asked if len(asked) <= LONGEST_SHOWN else asked[: LONGEST_SHOWN - 1] + "…"


def _drift(landed: LandReport) -> Iterator[str]:
    for one in landed.drift:
        since = f"first seen {one.first_seen_at:%Y-%m-%d %H:%M} UTC"
        yield f"{one.object}.{one.field} {one.kind} ({one.endpoint}): {one.detail}; {since}"


def _listed(lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN:
        click.echo(f"  ... and {len(lines) - SHOWN} more: see `tunelake ledger`, or --json")
