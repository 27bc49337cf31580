"""The synchronous front of collecting from open sources: one call, one event loop, one report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tunelake.collect.aiohttp_transport import AiohttpTransport, loop_factory
from tunelake.collect.jobs.job import SystemClock
from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.collect.open_sources.asker import OpenAsker
from tunelake.collect.open_sources.caller import OpenCaller
from tunelake.collect.open_sources.parts import checked_parts
from tunelake.collect.open_sources.recovery import recover_open
from tunelake.collect.open_sources.run import OpenRun, by_state
from tunelake.collect.open_sources.servers import Server, listenbrainz_of, musicbrainz, user_agent
from tunelake.collect.ports import Clock, Landing, LandingLog, Ledger, Transport, Want
from tunelake.collect.recovery.run_files import forget, left_by_the_dead, running
from tunelake.collect.report import Gap, RunReport
from tunelake.collect.tally import Progress, Tally
from tunelake.domain.states import State
from tunelake.settings import Settings

STORED = {State.FETCHED, State.UNCHANGED}
LedgerOf = Callable[[str], Ledger]


def collect_open_artists(
    settings: Settings,
    landing: Landing,
    *,
    source: str,
    ledger_path: Path | None = None,
    names: Iterable[str] = (),
    ids: Sequence[str] = (),
    with_: Collection[str] = (),
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
        with_: What else to collect: "albums", "tracks" of MusicBrainz; "top-tracks", "related" of
            ListenBrainz.
        progress: Called with stage, done and total.

    Raises:
        ConfigError: Something has to be set first, or nothing answers; nothing was lost.
    """
    parts = checked_parts(source, with_)

    async def main() -> RunReport:
        transport = AiohttpTransport()
        try:
            return await run_open(
                settings,
                transport,
                landing=landing,
                ledgers=ledgers,
                clock=SystemClock(),
                source=source,
                names=names,
                ids=ids,
                parts=parts,
                progress=progress,
            )
        finally:
            await transport.close()

    opened: list[Ledger] = []

    def ledgers(server: str) -> Ledger:
        opened.append(_ledger(ledger_path, server))
        return opened[-1]

    try:
        with (
            _noted(settings, landing, ledger_path, ledgers),
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            return runner.run(main())
    finally:
        for ledger in opened:
            ledger.close()


async def run_open(
    settings: Settings,
    transport: Transport,
    *,
    landing: Landing,
    ledgers: LedgerOf,
    clock: Clock,
    source: str,
    names: Iterable[str],
    ids: Sequence[str],
    parts: Sequence[str],
    progress: Progress | None,
) -> RunReport:
    """Put the parts of a run together and sum it up."""
    from tunelake import __version__

    started, tally = clock.now(), Tally()
    agent = user_agent(__version__, settings.contact)
    max_age = timedelta(hours=settings.max_age_hours)

    def made(server: Server) -> tuple[OpenCaller, OpenAsker, Ledger]:
        ledger = ledgers(server.base)
        caller = OpenCaller(server, agent, transport, ledger, clock, tally, settings.max_wait_seconds)
        return caller, OpenAsker(caller, ledger, landing, clock, max_age), ledger

    finder, musicbrainz_asker, ledger = made(musicbrainz(settings))
    counter, listenbrainz_asker, _ = made(listenbrainz_of(settings))
    run = OpenRun(musicbrainz_asker, listenbrainz_asker, ledger, progress or _silent)
    wants = await run.artists(source, names, ids, parts)
    gaps = [*_unmet(wants), *run.gaps]
    parked = finder.parked or (counter.parked if source == "listenbrainz" else None)
    return RunReport(
        asked=len(wants),
        stored=sum(want.state in STORED for want in wants),
        by_state=by_state(wants),
        wants=wants,
        calls=tally.calls.total(),
        calls_by_endpoint=dict(sorted(tally.calls.items())),
        token_calls=0,
        retries=dict(sorted(tally.retries.items())),
        gaps=gaps,
        forbidden={},
        notes=run.notes,
        parked_until=parked.until if parked and gaps else None,
        seconds=(clock.now() - started).total_seconds(),
    )


@contextmanager
def _noted(
    settings: Settings, landing: Landing, ledger_path: Path | None, ledgers: LedgerOf
) -> Iterator[None]:
    """Bring the ledgers up to what dead runs landed, and note that this one goes on."""
    if ledger_path is None or not isinstance(landing, LandingLog):
        yield
        return
    folder = ledger_path.with_name(f"{ledger_path.name}-open-runs")
    dead = left_by_the_dead(folder)
    with running(folder, landing.end()):
        for server in (musicbrainz(settings), listenbrainz_of(settings)) if dead else ():
            recover_open(ledgers(server.base), server, landing.pages(min(dead.values())))
        forget(dead)
        yield


def _unmet(wants: Sequence[Want]) -> list[Gap]:
    return [
        Gap(what=f"artist {want.asked}", state=want.state, reason=want.reason)
        for want in wants
        if want.state.is_gap
    ]


def _ledger(path: Path | None, server: str) -> Ledger:
    if path is None:
        return MemoryLedger()
    from tunelake.collect.ledger.sql_ledger import SqlLedger

    return SqlLedger(path, server)


def _silent(stage: str, done: int, total: int) -> None:
    """Progress for nobody."""
