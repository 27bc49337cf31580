"""The synchronous front of collecting from open sources: one call, one loop, one report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.budget.governor import Lane
from tunelake.collect.jobs import open_listens
from tunelake.collect.jobs.discover import NOBODY, Bounds, related_only
from tunelake.collect.jobs.loop import LedgerOf, run, silent
from tunelake.collect.jobs.open_run import OpenRun
from tunelake.collect.jobs.open_session import OpenSession
from tunelake.collect.open_sources.pace import governed
from tunelake.collect.open_sources.parts import checked_parts
from tunelake.collect.open_sources.servers import Server
from tunelake.collect.ports import Clock, Landing, Transport
from tunelake.collect.report import RunReport
from tunelake.collect.tally import Progress
from tunelake.errors import ConfigError
from tunelake.settings import Settings

LONGEST_USER = 200


def collect_open_artists(
    settings: Settings,
    landing: Landing,
    *,
    source: str,
    ledger_path: Path | None = None,
    names: Iterable[str] = (),
    ids: Sequence[str] = (),
    with_: Collection[str] = (),
    bounds: Bounds = NOBODY,
    lane: Lane = "backfill",
    progress: Progress | None = None,
) -> RunReport:
    """Collect artists from an open source, by name, MBID or their address at Spotify.

    Args:
        settings: Where to ask, how patiently, and whom to name as contact.
        landing: Where every answer is kept before it is used.
        source: "musicbrainz" or "listenbrainz".
        ledger_path: The control database; None remembers nothing after the run.
        names: Names, one a line, as people write them.
        ids: MBIDs, or ids or addresses of artists at Spotify.
        with_: What else to collect: "albums", "releases", "tracks" of MusicBrainz, whose "relations" come
            with the artist; "top-tracks", "related" of ListenBrainz.
        bounds: How far to discover further artists from these, by who is related.
        lane: Which of the requests that wait for the limit go first: "on demand" before all others.
        progress: Called with stage, done and total.

    Raises:
        ConfigError: Something has to be set first, or nothing answers; nothing was lost.
    """
    parts, bounds = checked_parts(source, with_), related_only(bounds, source)

    async def work(session: OpenSession) -> RunReport:
        return await OpenRun(session).artists(names, ids, parts, bounds)

    return _run(settings, landing, ledger_path, progress, source, lane, work)


def refresh_open_artists(
    settings: Settings,
    landing: Landing,
    *,
    source: str,
    ledger_path: Path,
    age: timedelta | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Look again at the artists that an open source's ledger knows, longest ago first.

    Args:
        settings: Where to ask, how patiently, and whom to name as contact.
        landing: Where every answer is kept before it is used.
        source: "musicbrainz" or "listenbrainz".
        ledger_path: The control database.
        age: All that were looked at longer ago than this; None goes by how often each changes.
        progress: Called with stage, done and total.

    Raises:
        ConfigError: Something has to be set first, or nothing answers; nothing was lost.
    """

    async def work(session: OpenSession) -> RunReport:
        return await OpenRun(session).refresh(age)

    return _run(settings, landing, ledger_path, progress, source, "schedule", work)


def collect_open_listens(
    settings: Settings,
    landing: Landing,
    *,
    user: str,
    after: int,
    ledger_path: Path | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Collect what a user of ListenBrainz listened to.

    Args:
        settings: Where to ask, how patiently, and whom to name as contact.
        landing: Where every answer is kept before it is used.
        user: The name there.
        after: From when on, in seconds since 1970.
        ledger_path: The control database; None remembers nothing after the run.
        progress: Called with stage, done and total.

    Raises:
        ConfigError: The name cannot be one, or nothing answers; nothing was lost.
    """
    check_user(user)

    async def work(session: OpenSession) -> RunReport:
        return await open_listens.collect(session, user, after)

    return _run(settings, landing, ledger_path, progress, "listenbrainz", "schedule", work)


def check_user(user: str) -> None:
    """Refuse what cannot be the name of a user of ListenBrainz. Raises ConfigError."""
    if not user or not user.isprintable() or len(user) > LONGEST_USER:
        raise ConfigError(f"{user[:50]!r} is not the name of a user of ListenBrainz")


def _run(
    settings: Settings,
    landing: Landing,
    ledger_path: Path | None,
    progress: Progress | None,
    source: str,
    lane: Lane,
    work: Callable[[OpenSession], Coroutine[Any, Any, RunReport]],
) -> RunReport:
    async def main(of: LedgerOf, budgets: Budgets, transport: Transport, clock: Clock) -> RunReport:
        def transport_to(server: Server) -> Transport:
            return governed(budgets, transport, clock, server)

        session = OpenSession(settings, transport_to, landing, of, clock, progress or silent, source)
        return await work(session)

    return run(settings, landing, ledger_path, progress, lane, main)
