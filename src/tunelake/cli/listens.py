"""`tunelake collect listens`: what the logged-in user played lately."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click
import msgspec

import tunelake
from tunelake.bootstrap.observed import watching_job
from tunelake.bootstrap.open_sources import OpenSources
from tunelake.cli.collected import finish
from tunelake.cli.show import emit, json_option, progress
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.poll import PollReport
from tunelake.errors import ConfigError
from tunelake.lake.lander import LandReport
from tunelake.work.listens import collect_listens

Command = TypeVar("Command", bound=Callable[..., object])


def listens_options(command: Command) -> Command:
    """Add the options that say whose listens."""
    command = click.option("--user", default="", help="Whose, by the name at ListenBrainz.")(command)
    return click.option(
        "--source",
        type=click.Choice(["spotify", "listenbrainz"]),
        default="spotify",
        show_default=True,
        help="Where from; ListenBrainz needs no account.",
    )(command)


def read_user(source: str, user: str) -> str:
    """Read whose listens are meant; empty for who is logged in.

    Raises:
        ConfigError: A name that is missing, or for another source.
    """
    user = user.strip()
    if source == "listenbrainz" and not user:
        raise ConfigError("whose listens? give --user NAME")
    if user and source != "listenbrainz":
        raise ConfigError("--user goes with --source listenbrainz; else it is who is logged in")
    return user


@click.command()
@listens_options
@json_option
def listens(source: str, user: str, as_json: bool) -> int:
    """Collect what a user played.

    Lately, of who is logged in; or all that is public at ListenBrainz.

    A poll of who is logged in is one call; run it at least every 50 plays. From ListenBrainz comes what was
    played since the last that is known.
    """
    if user := read_user(source, user):
        return _open_listens(user, as_json=as_json)
    product = tunelake.open(kind="data")
    files = LoginFiles(product.lake.home.root)
    with progress("") as update, watching_job(product.lake.home, "collect listens", update) as watch:
        report = collect_listens(product.lake, product.settings, files, product.clock, watch)
        if report.gap:
            watch.ends("gaps", "more was played than the source tells", gaps=1)
    landed = product.land()
    document = msgspec.to_builtins(report) | {"landed": msgspec.to_builtins(landed)}
    emit(document, as_json=as_json, human=lambda: _show(report, landed))
    return 1 if report.gap else 0


def _open_listens(user: str, *, as_json: bool) -> int:
    product = tunelake.open(kind="data")
    with progress("") as update:
        report = OpenSources(product).collect_listens(user, update)
    return finish(report, product.land(), as_json=as_json)


def _show(report: PollReport, landed: LandReport) -> None:
    new = landed.rows.get("listens", 0)
    click.echo(f"{report.user_id}: {report.plays} plays told, {new} new ({report.calls} calls)")
    if report.gap:
        click.echo(
            f"plays are missing between {report.gap.after:%Y-%m-%d %H:%M:%S} and "
            f"{report.gap.before:%Y-%m-%d %H:%M:%S} UTC: more were played than the source tells. "
            "The extended streaming history has them; `tunelake upload` fills the gap."
        )
