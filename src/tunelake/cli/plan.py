"""`tunelake plan`: what a collection would cost, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import click
import msgspec

import tunelake
from tunelake.bootstrap.observed import budgets_of
from tunelake.bootstrap.open_sources import OpenSources
from tunelake.cli.collect import (
    age_option,
    artist_options,
    check_source,
    read_asked,
    read_markets,
    read_words,
    source_option,
)
from tunelake.cli.listens import listens_options, read_user
from tunelake.cli.show import emit, json_option, say, table
from tunelake.cli.tracks import read_played, track_options
from tunelake.collect.budget.quota import spread
from tunelake.collect.jobs.discover import read_bounds
from tunelake.collect.jobs.parts import PARTS
from tunelake.collect.open_sources.parts import PARTS as OPEN_PARTS
from tunelake.collect.open_sources.parts import checked_parts
from tunelake.collect.planning.access import of_application
from tunelake.collect.planning.open_plan import PER_SECOND, OpenSurvey, open_plan
from tunelake.collect.planning.plan import RATE, Pace, Plan, Survey, paced, plans
from tunelake.errors import ConfigError
from tunelake.observe.budgets import BudgetState
from tunelake.settings import load
from tunelake.sources.spotify.profiles import PROFILES
from tunelake.work.played import tracks_wanted

DAY_S = 86_400

Command = TypeVar("Command", bound=Callable[..., object])


def pace_options(command: Command) -> Command:
    """Add the options that say how fast calls may go."""
    command = click.option(
        "--per-day", type=click.IntRange(1), help="Calls a day that one endpoint allows; no bound is assumed."
    )(command)
    return click.option(
        "--rate",
        type=click.FloatRange(0, min_open=True),
        help=f"Calls a second to reckon with; else what was learned from answers, else {RATE:g}.",
    )(command)


@click.group()
def plan() -> None:
    """Say what a collection would cost under each kind of application; nothing is sent.

    What is fresh costs nothing: after a collection, the plan of the same says 0 calls.
    """


@plan.command()
@artist_options
@source_option
@pace_options
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
    rate: float | None,
    per_day: int | None,
    as_json: bool,
) -> int:
    """Plan `tunelake collect artists` with the same options."""
    asked, ids = read_asked(file, names, ids)
    bounds = read_bounds(discover, most)
    check_source(source, bounds, markets)
    if source in OPEN_PARTS:
        chosen_parts = checked_parts(source, read_words(parts))
        with OpenSources(tunelake.open(kind="data")).surveyor() as open_surveyor:
            open_survey = open_surveyor.artists(source, asked, ids, chosen_parts, bounds)
        return _finish_open(open_survey, source, as_json)
    wanted = frozenset(read_words(parts))
    if unknown := wanted - set(PARTS):
        raise ConfigError(f"cannot collect {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    lake = tunelake.open(kind="data")
    chosen = read_markets(markets) or [lake.settings.market]
    with lake.surveyor() as surveyor:
        survey = surveyor.artists(asked, ids, wanted, chosen, bounds)
    return _finish(survey, _pace(rate, per_day), as_json=as_json)


@plan.command()
@age_option
@source_option
@pace_options
@json_option
def refresh(
    age: timedelta | None, source: str, rate: float | None, per_day: int | None, as_json: bool
) -> int:
    """Plan `tunelake collect refresh` with the same options."""
    if source in OPEN_PARTS:
        with OpenSources(tunelake.open(kind="data")).surveyor() as open_surveyor:
            return _finish_open(open_surveyor.refresh(source, age), source, as_json)
    with tunelake.open(kind="data").surveyor() as surveyor:
        survey = surveyor.refresh(age)
    return _finish(survey, _pace(rate, per_day), as_json=as_json)


@plan.command()
@click.option("--id", "ids", multiple=True, required=True, help="One playlist id; repeatable.")
@pace_options
@json_option
def playlists(ids: tuple[str, ...], rate: float | None, per_day: int | None, as_json: bool) -> int:
    """Plan `tunelake collect playlists` with the same options."""
    with tunelake.open(kind="data").surveyor() as surveyor:
        survey = surveyor.playlists(ids)
    return _finish(survey, _pace(rate, per_day), as_json=as_json)


@plan.command()
@track_options
@pace_options
@json_option
def tracks(
    ids: tuple[str, ...],
    source: str | None,
    rate: float | None,
    per_day: int | None,
    *,
    played: bool,
    as_json: bool,
) -> int:
    """Plan `tunelake collect tracks` with the same options."""
    product = tunelake.open(kind="data")
    played_at = read_played(product, source, played=played)
    if played_at:
        product.land()
    wanted = tracks_wanted(product.lake, ids, played_at, datetime.now(UTC))
    with product.surveyor() as surveyor:
        survey = surveyor.tracks(wanted)
    return _finish(survey, _pace(rate, per_day), as_json=as_json)


@plan.command()
@listens_options
@pace_options
@json_option
def listens(source: str, user: str, rate: float | None, per_day: int | None, as_json: bool) -> int:
    """Plan `tunelake collect listens` with the same options."""
    if user := read_user(source, user):
        survey = OpenSources(tunelake.open(kind="data")).survey_listens(user)
        return _finish_open(survey, source, as_json)
    return _finish(Survey(polls=1), _pace(rate, per_day), as_json=as_json)


def _pace(rate: float | None, per_day: int | None) -> Pace:
    budget = _budget("spotify")
    within = {one.endpoint: spread(one.calls, one.seconds) for one in load().quota}
    for quota in budget.quotas:
        known = within.get(quota.endpoint, quota.spread)
        within[quota.endpoint] = min(quota.spread, known, key=lambda one: one.rate)
    return msgspec.structs.replace(paced(rate, per_day, budget.rate), within=within)


def _budget(source: str) -> BudgetState:
    lake = tunelake.open(kind="data")
    known = budgets_of(lake.lake.home, lake.settings)
    return next((one for one in known if one.source == source), BudgetState(source=source))


def _beginning(source: str) -> datetime:
    """When a job can begin: now, or when what is parked may go on."""
    now = datetime.now(UTC)
    return max(now, _budget(source).parked_until or now)


def _finish(survey: Survey, pace: Pace, *, as_json: bool) -> int:
    now = _beginning("spotify")
    known = tunelake.open().capabilities()
    application = of_application(known.gates, now)
    planned = plans(survey, pace, now, application)
    closed = application.closed if application else {}
    document = {
        "pace": msgspec.to_builtins(pace),
        "plans": msgspec.to_builtins(planned[: len(PROFILES)]),
        "application": {
            "profile": known.profile,
            "closed": sorted(closed),
            "plan": msgspec.to_builtins(planned[len(PROFILES)]) if application else None,
        },
    }

    def show() -> None:
        _show(planned, _words(pace))
        if known.profile:
            click.echo(
                f"this application is known to be of {known.profile}; what is closed to it is not asked"
            )
            for endpoint, reason in sorted(closed.items()):
                click.echo(f"  {endpoint}: {reason or f'closed to all of {known.profile}'}")

    emit(document, as_json=as_json, human=show)
    return 0


def _finish_open(survey: OpenSurvey, source: str, as_json: bool) -> int:
    planned = open_plan(survey, source, _beginning(source))
    document = {"pace": PER_SECOND, "plans": [msgspec.to_builtins(planned)]}
    paces = ", ".join(f"{rate:g} at {name}" for name, rate in PER_SECOND.items())
    emit(document, as_json=as_json, human=lambda: _show([planned], f"calls a second: {paces}"))
    return 0


def _words(pace: Pace) -> str:
    bound = f", {pace.per_day} a day to one endpoint" if pace.per_day else ""
    learned = ", as was learned" if pace.learned else ""
    quotas = ", ".join(
        f"{one.rate * DAY_S:,.0f} a day to {endpoint or 'all together'}"
        for endpoint, one in pace.within.items()
    )
    quota = f"; within the quota: {quotas}" if quotas else ""
    return f"at {pace.per_second:.3g} calls a second{learned}{bound}{quota}"


def _show(planned: Sequence[Plan], pace: str) -> None:
    names = list(dict.fromkeys(step.endpoint for one in planned for step in one.steps))
    calls = [{step.endpoint: _count(step.calls, exact=step.exact) for step in one.steps} for one in planned]
    rows = [[name, *(told.get(name, "-") for told in calls)] for name in names]
    rows.append(["all", *(_count(one.calls, exact=one.exact) for one in planned)])
    rows.append(["expected time", *(str(timedelta(seconds=round(one.seconds))) for one in planned)])
    rows.append(["end", *(f"{one.ends_at.astimezone():%Y-%m-%d %H:%M}" for one in planned)])
    table(["calls", *(one.profile for one in planned)], rows)
    for one in planned:
        if one.closed:
            click.echo(f"not allowed in {one.profile}: {', '.join(one.closed)}")
    say(f"about = expected, the rest is exact; {pace}")


def _count(calls: int, *, exact: bool) -> str:
    return f"{calls:,}" if exact else f"about {calls:,}"
