"""Where every job runs: ledgers that are closed in the end, one transport, one event loop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from tunelake.collect.aiohttp_transport import AiohttpTransport, loop_factory
from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.budget.governor import Lane
from tunelake.collect.control import control_of
from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.collect.open_sources.servers import listenbrainz_of, musicbrainz
from tunelake.collect.ports import Clock, Landing, LandingLog, Ledger, Transport
from tunelake.collect.recovery.recovery import recover
from tunelake.collect.recovery.run_files import forget, left_by_the_dead, running
from tunelake.collect.tally import Progress
from tunelake.collect.voice import SpotifyVoice, Voice
from tunelake.collect.watch import watched
from tunelake.settings import Settings

Result = TypeVar("Result")
LedgerOf = Callable[[str], Ledger]
"""Opens the ledger of a server, by the base of its API."""


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


def in_a_loop(
    settings: Settings,
    progress: Progress | None,
    work: Callable[[Transport, Clock], Coroutine[Any, Any, Result]],
) -> Result:
    """Run something that asks, over a transport of its own; a progress that watches hears of it."""

    async def main() -> Result:
        transport, clock = watched(settings, AiohttpTransport(), SystemClock(), progress)
        try:
            return await work(transport, clock)
        finally:
            await transport.close()

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(main())


def run(
    settings: Settings,
    landing: Landing,
    ledger_path: Path | None,
    progress: Progress | None,
    lane: Lane,
    work: Callable[[LedgerOf, Budgets, Transport, Clock], Coroutine[Any, Any, Result]],
) -> Result:
    """Run a job with the ledgers and budgets of a home, brought up to what dead runs landed.

    Args:
        settings: Of the home.
        landing: Where every answer is kept before it is used.
        ledger_path: The control database; None remembers nothing.
        progress: Is told how it goes on.
        lane: Which of the requests that wait for a limit go first.
        work: What is done, with ledgers by server, budgets, a way to send and a clock.
    """
    with (
        ledgers(settings, ledger_path) as of,
        noted(landing, ledger_path, of, voices_of(settings)),
        Budgets(settings, ledger_path, lane) as budgets,
    ):
        return in_a_loop(settings, progress, lambda transport, clock: work(of, budgets, transport, clock))


@contextmanager
def ledgers(settings: Settings, path: Path | None) -> Iterator[LedgerOf]:
    """Open the ledgers of a control database when they are first used, and close them in the end.

    Args:
        settings: They may name a database that is shared.
        path: The control database; None remembers nothing.
    """
    opened: dict[str, Ledger] = {}
    where = control_of(settings, path)
    with ExitStack() as stack:

        def of(server: str) -> Ledger:
            if server not in opened:
                opened[server] = _ledger(where, server)
                stack.callback(opened[server].close)
            return opened[server]

        yield of


@contextmanager
def noted(landing: Landing, path: Path | None, of: LedgerOf, voices: Sequence[Voice]) -> Iterator[None]:
    """Bring the ledgers up to what dead runs landed, and note that this one goes on."""
    if path is None or not isinstance(landing, LandingLog):
        yield
        return
    folder = path.with_name(f"{path.name}-runs")
    dead = left_by_the_dead(folder)
    with running(folder, landing.end()):
        if dead:
            recover(of, voices, landing.pages(min(dead.values())))
            forget(dead)
        yield


def _ledger(where: Path | str | None, server: str) -> Ledger:
    if where is None:
        return MemoryLedger()
    from tunelake.collect.ledger.sql_ledger import SqlLedger

    return SqlLedger(where, server)


def voices_of(settings: Settings) -> tuple[Voice, ...]:
    """All sources that have a ledger."""
    return SpotifyVoice(settings.spotify_api_url), musicbrainz(settings), listenbrainz_of(settings)


def silent(stage: str, done: int, total: int) -> None:
    """Progress for nobody."""
