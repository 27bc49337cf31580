"""The synchronous front of collecting from the Spotify Web API: one call, one loop, one report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.budget.governor import Lane
from tunelake.collect.caller import Caller
from tunelake.collect.jobs import playlists, tracks
from tunelake.collect.jobs.artists import ArtistRun
from tunelake.collect.jobs.discover import NOBODY, Bounds
from tunelake.collect.jobs.loop import LedgerOf, in_a_loop, run, silent
from tunelake.collect.jobs.parts import PARTS, Part
from tunelake.collect.jobs.session import Session
from tunelake.collect.jobs.tracks import WantedTrack
from tunelake.collect.ports import Clock, Landing, Transport
from tunelake.collect.probe import Probe, Probed
from tunelake.collect.report import RunReport
from tunelake.collect.tally import Progress, Tally
from tunelake.errors import ConfigError
from tunelake.settings import Settings


def collect_artists(
    settings: Settings,
    landing: Landing,
    *,
    ledger_path: Path | None = None,
    names: Iterable[str] = (),
    ids: Sequence[str] = (),
    with_: Collection[str] = (),
    markets: Sequence[str] = (),
    bounds: Bounds = NOBODY,
    lane: Lane = "backfill",
    progress: Progress | None = None,
) -> RunReport:
    """Collect artists by name or id.

    Args:
        settings: Where to ask, as whom, how patiently.
        landing: Where every answer is kept before it is used.
        ledger_path: The control database; None remembers nothing after the run.
        names: Names, one a line, as people write them.
        ids: Ids in the source's own name space.
        with_: What else to collect: "albums", "tracks", "top-tracks", "features", "related".
        markets: Markets of top tracks, ISO 3166-1 alpha-2; none means the setting's.
        bounds: How far to discover further artists from these.
        lane: Which of the requests that wait for the limit go first: "on demand" before all others.
        progress: Called with stage, done and total.

    Raises:
        ConfigError: Something has to be set or started first; nothing was lost.
        KeyboardInterrupt: Interrupted; what landed is not asked again.
    """
    parts = _parts(with_)

    async def work(session: Session) -> RunReport:
        return await ArtistRun(session).artists(names, ids, parts, markets or (settings.market,), bounds)

    return _run(settings, landing, ledger_path, progress, lane, work)


def collect_playlists(
    settings: Settings,
    landing: Landing,
    *,
    ledger_path: Path | None = None,
    ids: Sequence[str] = (),
    progress: Progress | None = None,
) -> RunReport:
    """Collect playlists with their items, by id, URI or address.

    Raises:
        ConfigError: Something has to be set or started first; nothing was lost.
        KeyboardInterrupt: Interrupted; what landed is not asked again.
    """

    async def work(session: Session) -> RunReport:
        return await playlists.collect(session, ids)

    return _run(settings, landing, ledger_path, progress, "on demand", work)


def collect_tracks(
    settings: Settings,
    landing: Landing,
    *,
    ledger_path: Path | None = None,
    wanted: Iterable[WantedTrack] = (),
    progress: Progress | None = None,
) -> RunReport:
    """Collect tracks by id, and those that are owed from before.

    Raises:
        ConfigError: Something has to be set or started first; nothing was lost.
        KeyboardInterrupt: Interrupted; what landed is not asked again.
    """

    async def work(session: Session) -> RunReport:
        return await tracks.collect(session, wanted)

    return _run(settings, landing, ledger_path, progress, "backfill", work)


def refresh_artists(
    settings: Settings,
    landing: Landing,
    *,
    ledger_path: Path,
    age: timedelta | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Look again at the artists that the ledger knows, longest ago first.

    Args:
        settings: Where to ask, as whom, how patiently.
        landing: Where every answer is kept before it is used.
        ledger_path: The control database.
        age: All that were looked at longer ago than this; None goes by how often each changes.
        progress: Called with stage, done and total.

    Raises:
        ConfigError: Something has to be set or started first; nothing was lost.
        KeyboardInterrupt: Interrupted; what landed is not asked again.
    """

    async def work(session: Session) -> RunReport:
        return await ArtistRun(session).refresh(age)

    return _run(settings, landing, ledger_path, progress, "schedule", work)


def probe(settings: Settings, ledger_path: Path | None = None) -> Probed:
    """Find out what the application may call; sends nothing while a cooldown lasts.

    Raises:
        ConfigError: Nothing answers at the configured URLs, or the credentials are refused.
    """

    async def work(transport: Transport, clock: Clock) -> Probed:
        caller = Caller(settings, budgets.spotify(transport, clock), clock, Tally())
        return await Probe(caller, settings.market).run()

    with Budgets(settings, ledger_path, "on demand") as budgets:
        return in_a_loop(settings, None, work)


def _parts(with_: Collection[str]) -> frozenset[Part]:
    unknown = set(with_) - set(PARTS)
    if unknown:
        raise ConfigError(f"cannot collect {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    return frozenset(part for part in PARTS if part in with_)


def _run(
    settings: Settings,
    landing: Landing,
    ledger_path: Path | None,
    progress: Progress | None,
    lane: Lane,
    work: Callable[[Session], Coroutine[Any, Any, RunReport]],
) -> RunReport:
    async def main(of: LedgerOf, budgets: Budgets, transport: Transport, clock: Clock) -> RunReport:
        governed, ledger = budgets.spotify(transport, clock), of(settings.spotify_api_url)
        report = await work(Session(settings, governed, landing, ledger, clock, progress or silent))
        return msgspec.structs.replace(report, notes=[*budgets.notes, *report.notes])

    return run(settings, landing, ledger_path, progress, lane, main)
