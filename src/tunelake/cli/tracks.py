"""`tunelake collect tracks`: tracks by id, and those that somebody played."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click
import msgspec

import tunelake
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.cli.show import emit, json_option, progress, say
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.report import RunReport
from tunelake.errors import ConfigError
from tunelake.lake.lander import LandReport
from tunelake.work.played import Coverage

SHOWN = 20


Command = TypeVar("Command", bound=Callable[..., object])


def track_options(command: Command) -> Command:
    """Add the options that say which tracks."""
    for option in (
        click.option("--source", help="With --played: name space of the ids; else where you are logged in."),
        click.option("--played", is_flag=True, help="Those that the plays in table listens name."),
        click.option("--id", "ids", multiple=True, help="One track id, or its address; repeatable."),
    ):
        command = option(command)
    return command


def read_played(product: Tunelake, source: str | None, *, played: bool) -> str | None:
    """Read whose plays are meant: a name space; None for none.

    Raises:
        ConfigError: A name space without plays.
    """
    if source and not played:
        raise ConfigError("--source goes with --played")
    if played and source is None:
        login = LoginFiles(product.lake.home.root).read()
        return login.source if login else "spotify"
    return source


@click.command()
@track_options
@json_option
def tracks(ids: tuple[str, ...], source: str | None, *, played: bool, as_json: bool) -> int:
    """Collect tracks, and those still owed from before.

    Run it again to go on after a wait.
    """
    product = tunelake.open(kind="data")
    found, code = collected(product, ids, played_at=read_played(product, source, played=played))
    emit(found.document | {"exit_code": code}, as_json=as_json, human=found.show)
    return code


class Collected(NamedTuple):
    """What a collection of tracks came to, for programs and for people."""

    document: dict[str, Any]
    show: Callable[[], None]


def collected(
    product: Tunelake, ids: tuple[str, ...] = (), *, played_at: str | None
) -> tuple[Collected, int]:
    """Collect tracks and land them; what it came to, and the exit code."""
    with progress("") as update:
        report = product.collect_tracks(ids, played_at=played_at, progress=update)
    landed = product.land()
    covered = product.played(played_at) if played_at else None
    document = msgspec.to_builtins(report) | {
        "landed": msgspec.to_builtins(landed),
        "played": msgspec.to_builtins(covered),
    }
    code = report.exit_code or (1 if landed.rejected or landed.damages else 0)
    return Collected(document, lambda: show_tracks(report, landed, covered)), code


def show_tracks(report: RunReport, landed: LandReport, covered: Coverage | None) -> None:
    """Print what became of tracks."""
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(report.by_state.items()))
    new = landed.rows.get("tracks", 0)
    click.echo(f"tracks: {states or 'nothing is owed'}; {new:,} new rows in table tracks")
    if covered:
        click.echo(
            f"{covered.plays:,} plays: {covered.of_known:,} of tracks in the lake, {covered.of_unknown:,} of "
            f"others, {covered.without_id:,} that name no track (episodes, local files, names without id)"
        )
        click.echo(
            f"{covered.known_tracks:,} of the {covered.tracks:,} tracks that are named are in the lake"
        )
    for want in [want for want in report.wants if want.reason][:SHOWN]:
        click.echo(f"  {want.asked}: {want.state}, {want.reason}")
    for gap in report.gaps[-1:]:
        click.echo(f"still owed: {gap.what}, {gap.reason}")
    if report.parked_until:
        click.echo(
            f"parked by the source until {report.parked_until:%Y-%m-%d %H:%M:%S} UTC; then run it again"
        )
    say(f"{report.calls} calls in {report.seconds:.1f} s")
