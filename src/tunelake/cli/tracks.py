"""`tunelake collect tracks`: tracks by id, and those that somebody played."""

from __future__ import annotations

from typing import Any

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, progress, say
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.report import RunReport
from tunelake.errors import ConfigError
from tunelake.lake.lander import LandReport
from tunelake.work.played import Coverage

SHOWN = 20


@click.command()
@click.option("--id", "ids", multiple=True, help="One track id, or its address; repeatable.")
@click.option("--played", is_flag=True, help="Those that the plays in table listens name.")
@click.option("--source", help="With --played: name space of the ids; default: where you are logged in.")
@json_option
def tracks(ids: tuple[str, ...], source: str | None, *, played: bool, as_json: bool) -> int:
    """Collect tracks, and those still owed from before; run it again to go on after a wait."""
    if source and not played:
        raise ConfigError("--source goes with --played")
    product = tunelake.open(kind="data")
    if played and source is None:
        login = LoginFiles(product.lake.home.root).read()
        source = login.source if login else "spotify"
    with progress("") as update:
        report = product.collect_tracks(ids, played_at=source, progress=update)
    landed = product.land()
    covered = product.played(source) if source else None
    code = report.exit_code or (1 if landed.rejected or landed.damages else 0)
    document = told(report, landed, covered) | {"exit_code": code}
    emit(document, as_json=as_json, human=lambda: show_tracks(report, landed, covered))
    return code


def told(report: RunReport, landed: LandReport, covered: Coverage | None) -> dict[str, Any]:
    """The same for programs."""
    document: dict[str, Any] = msgspec.to_builtins(report) | {"landed": msgspec.to_builtins(landed)}
    return document | {"played": msgspec.to_builtins(covered)}


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
