"""The synchronous front of collecting: one call, one event loop, one report."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tunelake.collect.aiohttp_transport import AiohttpTransport, loop_factory
from tunelake.collect.caller import Caller
from tunelake.collect.jobs.discover import NOBODY, Bounds
from tunelake.collect.jobs.run import PARTS, Part, Run
from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.collect.ports import Landing, LandingLog, Ledger
from tunelake.collect.probe import Probe, Probed
from tunelake.collect.recovery.recovery import recover
from tunelake.collect.recovery.run_files import forget, left_by_the_dead, running
from tunelake.collect.report import RunReport
from tunelake.collect.tally import Progress, Tally
from tunelake.errors import ConfigError
from tunelake.settings import Settings


class SystemClock:
    """The machine's time and chance."""

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def jitter(self) -> float:
        """A random number from 0 to 1."""
        return random.random()  # noqa: S311  spreads retries, guards nothing


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
        progress: Called with stage, done and total.

    Raises:
        ConfigError: Something has to be set or started first; nothing was lost.
        KeyboardInterrupt: Interrupted; what landed is not asked again.
    """
    parts = _parts(with_)

    async def work(run: Run) -> RunReport:
        return await run.artists(names, ids, parts, markets or (settings.market,), bounds)

    return _in_a_loop(settings, landing, ledger_path, progress, work)


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

    async def work(run: Run) -> RunReport:
        return await run.playlists(ids)

    return _in_a_loop(settings, landing, ledger_path, progress, work)


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

    async def work(run: Run) -> RunReport:
        return await run.refresh(age)

    return _in_a_loop(settings, landing, ledger_path, progress, work)


def rebuild_ledger(
    settings: Settings, log: LandingLog, ledger_path: Path, progress: Callable[[int], None] | None = None
) -> tuple[int, Path | None]:
    """Make the control database anew from the landing log; what was there is kept aside.

    Returns:
        How many pages told something, and where the old database is now (None when there was none).

    Raises:
        ConfigError: The files cannot be moved.
    """
    from tunelake.collect.ledger.sql_ledger import SqlLedger, put_aside

    aside = put_aside(ledger_path, SystemClock().now())
    ledger = SqlLedger(ledger_path, settings.spotify_api_url)
    try:
        return recover(ledger, settings.spotify_api_url, log.pages(), wants=True, progress=progress), aside
    finally:
        ledger.close()


def probe(settings: Settings, ledger_path: Path | None = None) -> Probed:
    """Find out what the application may call; sends nothing while a cooldown lasts.

    Raises:
        ConfigError: Nothing answers at the configured URLs, or the credentials are refused.
    """

    async def main() -> Probed:
        transport = AiohttpTransport()
        try:
            caller = Caller(settings, transport, ledger, SystemClock(), Tally())
            return await Probe(caller, settings.market).run()
        finally:
            await transport.close()

    ledger = _ledger(ledger_path, settings.spotify_api_url)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(main())
    finally:
        ledger.close()


def _parts(with_: Collection[str]) -> frozenset[Part]:
    unknown = set(with_) - set(PARTS)
    if unknown:
        raise ConfigError(f"cannot collect {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    return frozenset(part for part in PARTS if part in with_)


def _in_a_loop(
    settings: Settings,
    landing: Landing,
    ledger_path: Path | None,
    progress: Progress | None,
    work: Callable[[Run], Coroutine[Any, Any, RunReport]],
) -> RunReport:
    async def main() -> RunReport:
        transport = AiohttpTransport()
        try:
            run = Run(settings, transport, landing, ledger, SystemClock(), progress or _silent)
            return await work(run)
        finally:
            await transport.close()

    ledger = _ledger(ledger_path, settings.spotify_api_url)
    try:
        with (
            _noted(ledger, landing, ledger_path, settings.spotify_api_url),
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            return runner.run(main())
    finally:
        ledger.close()


@contextmanager
def _noted(ledger: Ledger, landing: Landing, ledger_path: Path | None, server: str) -> Iterator[None]:
    """Bring the ledger up to what dead runs landed, and note that this one goes on."""
    if ledger_path is None or not isinstance(landing, LandingLog):
        yield
        return
    folder = ledger_path.with_name(f"{ledger_path.name}-runs")
    dead = left_by_the_dead(folder)
    with running(folder, landing.end()):
        if dead:
            recover(ledger, server, landing.pages(min(dead.values())))
            forget(dead)
        yield


def _ledger(path: Path | None, server: str) -> Ledger:
    if path is None:
        return MemoryLedger()
    from tunelake.collect.ledger.sql_ledger import SqlLedger

    return SqlLedger(path, server)


def _silent(stage: str, done: int, total: int) -> None:
    """Progress for nobody."""
