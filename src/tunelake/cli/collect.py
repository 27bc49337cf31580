"""`tunelake collect`: artists and playlists, from a source into the lake."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import click

import tunelake
from tunelake.bootstrap.open_sources import OpenSources
from tunelake.cli.collected import finish
from tunelake.cli.listens import listens
from tunelake.cli.show import json_option, progress
from tunelake.cli.tracks import tracks
from tunelake.collect.budget.governor import Lane
from tunelake.collect.jobs.discover import MOST, WAYS, Bounds, read_bounds, related_only
from tunelake.collect.jobs.parts import PARTS
from tunelake.collect.open_sources.parts import PARTS as OPEN_PARTS
from tunelake.errors import ConfigError

_WAYS = ", ".join(f"{way}:1" for way in WAYS)
_PARTS = "; ".join(
    [",".join(PARTS), *(f"of {name}: {','.join(parts)}" for name, parts in OPEN_PARTS.items())]
)
AGE_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONG = {"albums", "releases", "tracks"}
LONGEST_AGE = 100_000

Command = TypeVar("Command", bound=Callable[..., object])


def artist_options(command: Command) -> Command:
    """Add the options that say which artists, and what of them."""
    for option in (
        click.option("--max-artists", "most", type=click.IntRange(1), default=MOST, show_default=True,
                     help="How many artists there may be with those discovered."),
        click.option("--discover", default="", help=f"Add artists near to these, in steps: {_WAYS}."),
        click.option("--market", "markets", multiple=True, help="Market of top tracks (KR); repeatable."),
        click.option("--with", "parts", default="", help=f"More to collect, with commas: {_PARTS}."),
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


def source_option(command: Command) -> Command:
    """Add the option that says where from."""
    return click.option(
        "--source",
        type=click.Choice(["spotify", *OPEN_PARTS]),
        default="spotify",
        show_default=True,
        help="Where from; the others need no account.",
    )(command)


@click.group()
def collect() -> None:
    """Collect from a source into the lake, within its limits; run again to go on where it stopped."""


collect.add_command(listens)
collect.add_command(tracks)


@collect.command()
@artist_options
@source_option
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
    """Collect artists by name or id.

    Every one ends stored, ambiguous or not found, with a reason.
    """
    asked, ids = read_asked(file, names, ids)
    bounds = read_bounds(discover, most)
    check_source(source, bounds, markets)
    lake = tunelake.open(kind="data")
    if source in OPEN_PARTS:
        with progress("") as update:
            report = lake.collect_open_artists(
                source,
                names=asked,
                ids=ids,
                with_=read_words(parts),
                bounds=bounds,
                lane=lane_of(file, discover, parts),
                progress=update,
            )
        return finish(report, lake.land(), as_json=as_json)
    with progress("") as update:
        report = lake.collect_artists(
            names=asked,
            ids=ids,
            with_=read_words(parts),
            markets=read_markets(markets),
            bounds=bounds,
            lane=lane_of(file, discover, parts),
            progress=update,
        )
    return finish(report, lake.land(), as_json=as_json)


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
    return finish(report, lake.land(), as_json=as_json)


@collect.command()
@age_option
@source_option
@json_option
def refresh(age: timedelta | None, source: str, as_json: bool) -> int:
    """Look again at known artists, those of longest ago first."""
    lake = tunelake.open(kind="data")
    with progress("") as update:
        if source in OPEN_PARTS:
            report = OpenSources(lake).refresh_artists(source, age, update)
        else:
            report = lake.refresh_artists(age, update)
    return finish(report, lake.land(), as_json=as_json)


def check_source(source: str, bounds: Bounds, markets: tuple[str, ...]) -> None:
    """Refuse options that are not for an open source.

    Raises:
        ConfigError: There is one.
    """
    if source in OPEN_PARTS and markets:
        raise ConfigError(f"--market is not for {source}, which knows no markets")
    if source in OPEN_PARTS:
        related_only(bounds, source)


def lane_of(file: str | None, discover: str, parts: str) -> Lane:
    """What somebody waits for goes first; lists, discographies and discoveries fill the gaps."""
    long = file is not None or discover or LONG & set(read_words(parts))
    return "backfill" if long else "on demand"


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
