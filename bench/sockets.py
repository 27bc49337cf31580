"""What clients get out of a limit that nobody told them, and what they waste: real sockets, from cold.

Each run has a sandbox of its own. Allowed is what a client gets that knows the limit, with as many
connections and the same latency. All ask the same question, one client for as many seconds as the other.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench.harness import contest, write

from tunelake.collect.budget.sim.limits import Limit, RollingWindow, TokenBucket
from tunelake.collect.budget.sim.server import Regime, Rules
from tunelake.collect.budget.sim.world import allowed

SPAN_S = float(os.environ.get("BENCH_SECONDS", "20.5"))
"""So that a window that opens late by a second still counts, for all."""
CONNECTIONS = 8
LATENCY_S = 0.03
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CARDS, CARD_CALLS, LEARNING_S = 7, 5, 14.0
MODULE = "bench.sockets"
LIMITS: Mapping[str, Callable[[], Limit]] = {
    "window:30/3": lambda: RollingWindow(30, 3.0),
    "bucket:10/10": lambda: TokenBucket(10.0, 10),
}
Ready = dict[str, str]


@contextmanager
def sandbox(limit: str) -> Iterator[Ready]:
    """Run a sandbox that keeps a limit."""
    command = [sys.executable, "-m", "tunelake", "sandbox", "serve", "--port", "0", "--artists", "5"]
    command += ["--limit", limit, "--latency", str(LATENCY_S)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


def token(ready: Ready) -> str:
    """Ask for a token once, as every client does."""
    pair = base64.b64encode(f"{ready['client_id']}:{ready['client_secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
    url = f"{ready['accounts_url']}/api/token"
    body = b"grant_type=client_credentials"
    with urlopen(Request(url, body, headers), timeout=10) as answer:  # noqa: S310  loopback
        told: dict[str, str] = json.load(answer)
    return told["access_token"]


def report(ready: Ready, limit: str, lost: int) -> None:
    """Hand on what the server saw."""
    with urlopen(ready["control_url"], timeout=10) as answer:  # noqa: S310  loopback
        by_status = json.load(answer)["by_status"]
    rules = Rules(
        name=limit,
        regimes=(Regime(since=0.0, limits=(LIMITS[limit],)),),
        latency=(LATENCY_S, LATENCY_S * 1.1),
    )
    most = allowed(rules, SPAN_S, 1, workers=CONNECTIONS)
    # One of the answers was the token.
    granted, refused = by_status.get("200", 0) - 1, by_status.get("429", 0)
    waste = refused / max(1, granted + refused)
    print(json.dumps({"share": granted / most, "waste": waste, "lost": lost, "allowed": most}))


def tunelake(limit: str) -> None:
    """Ask as a job does."""
    with sandbox(limit) as ready, tempfile.TemporaryDirectory() as home:
        _, lost = asyncio.run(_asking(ready, Path(home) / "control.db", "backfill", sys.maxsize, SPAN_S))
        report(ready, limit, lost)


async def _asking(
    ready: Ready,
    control: Path,
    lane: Any,  # noqa: ANN401
    calls: int,
    seconds: float,
) -> tuple[float, int]:
    """Ask within the budget; gives the seconds until the first answer, and how many calls got none."""
    from tunelake.collect.aiohttp_transport import AiohttpTransport
    from tunelake.collect.budget.budgets import Budgets
    from tunelake.collect.caller import Caller
    from tunelake.collect.jobs.loop import SystemClock
    from tunelake.collect.tally import Tally
    from tunelake.settings import load
    from tunelake.sources.spotify.endpoints import search_artist

    names = ("api_url", "accounts_url", "client_id", "client_secret")
    settings = load({f"TUNELAKE_SPOTIFY_{name.upper()}": ready[name] for name in names})
    clock, transport, question = SystemClock(), AiohttpTransport(), search_artist("Adele", 1)
    left, first, lost, start = calls, 0.0, 0, time.monotonic()
    with Budgets(settings, control, lane) as budgets:
        caller = Caller(settings, budgets.spotify(transport, clock), clock, Tally())

        async def work() -> None:
            nonlocal left, first, lost
            while left > 0:
                left -= 1
                reply = await caller.ask(question, lambda _: ("", False))
                lost += reply.action != "accept"
                first = first or time.monotonic() - start

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                for _ in range(CONNECTIONS):
                    group.create_task(work())
        await transport.close()
    return first, lost


def repeated(ask: Callable[[], object], ends: float, lost: list[Exception]) -> None:
    """Ask until the time is over, and note the calls that ended in an error."""
    while time.monotonic() < ends:
        try:
            ask()
        except Exception as error:  # noqa: BLE001  whatever a library raises, its caller has lost the call
            lost.append(error)


def until_over(limit: str, work: Callable[[Ready, float, list[Exception]], object]) -> None:
    """Let a library ask for the span; what waits beyond it is not waited for."""
    with sandbox(limit) as ready:
        lost: list[Exception] = []
        ends = time.monotonic() + SPAN_S
        pool = ThreadPoolExecutor(1)
        asked = pool.submit(work, ready, ends, lost)
        with contextlib.suppress(TimeoutError):
            asked.result(max(0.0, ends - time.monotonic()))
        report(ready, limit, len(lost))
        sys.stdout.flush()
    with contextlib.suppress(Exception):
        asked.result(60)


def spotipy(limit: str, threads: int = 1) -> None:
    """Ask with spotipy, which waits and repeats by itself."""
    import spotipy as library

    def work(ready: Ready, ends: float, lost: list[Exception]) -> None:
        client = library.Spotify(auth=token(ready))
        client.prefix = f"{ready['api_url']}/"
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(threads):
                pool.submit(repeated, lambda: client.search("Adele", 1, type="artist"), ends, lost)

    until_over(limit, work)


def tekore(limit: str, tasks: int = 1) -> None:
    """Ask with tekore, whose sender waits and repeats."""
    import tekore as library  # type: ignore[import-untyped]  # ships none
    from tekore._client import base  # type: ignore[import-untyped]  # ships none

    def work(ready: Ready, ends: float, lost: list[Exception]) -> None:
        # There is no public way to another server.
        base.prefix = f"{ready['api_url']}/"
        if tasks == 1:
            client = library.Spotify(token(ready), sender=library.RetryingSender(3, library.SyncSender()))
            repeated(lambda: client.search("Adele", ("artist",), limit=1), ends, lost)
        else:
            asyncio.run(_gathered(library, token(ready), tasks, ends, lost))

    until_over(limit, work)


async def _gathered(library: Any, access: str, tasks: int, ends: float, lost: list[Exception]) -> None:  # noqa: ANN401
    client = library.Spotify(
        access, sender=library.RetryingSender(3, library.AsyncSender()), asynchronous=True
    )

    async def one() -> None:
        while time.monotonic() < ends:
            try:
                await client.search("Adele", ("artist",), limit=1)
            except Exception as error:  # noqa: BLE001  whatever a library raises, its caller has lost the call
                lost.append(error)

    await asyncio.gather(*(one() for _ in range(tasks)))


def backfill(ready: str, control: str) -> None:
    """Ask for as long as it lives."""
    asyncio.run(_asking(json.loads(ready), Path(control), "backfill", sys.maxsize, 600.0))


def card(ready: str, control: str) -> None:
    """Ask for what a card takes."""
    first, _ = asyncio.run(_asking(json.loads(ready), Path(control), "on demand", CARD_CALLS, 60.0))
    print(json.dumps(first))


def cards(limit: str) -> tuple[list[float], list[float]]:
    """Seconds until each card may start, and until its first answer, while a backfill takes all it may."""

    def start(role: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", MODULE, role, json.dumps(ready), control]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    with sandbox(limit) as ready, tempfile.TemporaryDirectory() as home:
        control = str(Path(home) / "control.db")
        taking = start("backfill")
        time.sleep(LEARNING_S)
        waits = [float(start("card").communicate(timeout=90)[0]) for _ in range(CARDS)]
        taking.kill()
        taking.communicate()
        return kept_waiting(Path(control)), waits


def kept_waiting(control: Path) -> list[float]:
    """How long each card was kept from its first request, by the journal of the budget."""
    import msgspec

    from tunelake.collect.budget.governor import Grant
    from tunelake.collect.budget.records import Asked, Record, Replica

    (journal,) = control.with_name(f"{control.name}-budget").glob("*.log")
    replica, asked, waited = Replica(), dict[str, float](), dict[str, float]()
    for line in journal.read_bytes().splitlines():
        record = msgspec.json.decode(line, type=Record)
        leave = replica.play(record)
        if isinstance(record, Asked) and record.lane == "on demand":
            asked.setdefault(record.by, record.at)
            if isinstance(leave, Grant):
                waited.setdefault(record.by, record.at - asked[record.by])
    return list(waited.values())


CONTESTANTS: Mapping[str, Callable[[str], None]] = {
    "tunelake": tunelake,
    "spotipy": spotipy,
    "spotipy, 8 threads": lambda limit: spotipy(limit, 8),
    "tekore": tekore,
    "tekore, 8 at once": lambda limit: tekore(limit, 8),
}


def compare() -> None:
    figures = {
        limit: contest(MODULE, tuple(CONTESTANTS), rounds=ROUNDS, arguments=(limit,)) for limit in LIMITS
    }
    rows = []
    for name in CONTESTANTS:
        cells = [name]
        for of in figures.values():
            one = of[name]
            cells += [f"{one['share']:.1%}", f"{one['waste']:.2%}", f"{one['lost']:.0f}"]
        rows.append(cells)
    waits = {limit: cards(limit) for limit in ("window:60/10", "bucket:10/10")}
    said = "; ".join(
        f"at {limit} median {statistics.median(leave):.2f} s, longest {max(leave):.2f} s, "
        f"and its first answer comes after {statistics.median(first):.2f} s, at most {max(first):.2f} s"
        for limit, (leave, first) in waits.items()
    )
    headers = ["client", *(f"{limit}: {what}" for limit in LIMITS for what in ("share", "429", "lost"))]
    counts = ", ".join(f"{of['tunelake']['allowed']:.0f} at {limit}" for limit, of in figures.items())
    write(
        "sockets",
        "Real sockets, a limit that nobody was told, from cold",
        headers,
        rows,
        f"{SPAN_S:g} s a run, {CONNECTIONS} connections at most, {LATENCY_S * 1000:g} ms latency; each with "
        f"its own server. Share: of what a client gets that knows the limit ({counts}). 429: of all "
        "answers. Lost: calls that ended in an error for their caller within the time.\n\n"
        f"A card of {CARD_CALLS} calls ({CARDS} of them), while another process takes all that it may, waits "
        f"for its first leave {said}; token and new connections included.",
    )


def main() -> None:
    if len(sys.argv) == 1:
        compare()
    elif sys.argv[1] in CONTESTANTS:
        CONTESTANTS[sys.argv[1]](sys.argv[2])
    else:
        {"backfill": backfill, "card": card}[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
