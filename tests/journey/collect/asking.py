"""A process that asks one question again and again, in a lane, and tells what came of it.

Arguments: the control database, the lane, seconds (or a number of requests with an "x" before it).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import get_args

from tunelake.collect.aiohttp_transport import AiohttpTransport
from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.budget.governor import Lane
from tunelake.collect.caller import Caller
from tunelake.collect.jobs.loop import SystemClock
from tunelake.collect.tally import Tally
from tunelake.errors import TunelakeError
from tunelake.settings import load
from tunelake.sources.request import Request

WORKERS = 16
REQUEST = Request("search", "/search", (("q", "Adele"), ("type", "artist"), ("limit", "1")))


async def main(control: Path, lane: Lane, much: str) -> dict[str, object]:
    settings, clock, tally = load(), SystemClock(), Tally()
    replies: Counter[str] = Counter()
    left = int(much[1:]) if much.startswith("x") else sys.maxsize
    start = time.monotonic()
    ends = start + (60 if much.startswith("x") else float(much))
    first = 0.0
    with Budgets(settings, control, lane) as budgets:
        transport = AiohttpTransport()
        caller = Caller(settings, budgets.spotify(transport, clock), clock, tally)

        async def work() -> None:
            nonlocal left, first
            while left > 0 and time.monotonic() < ends:
                left -= 1
                reply = await caller.ask(REQUEST, lambda _: ("", False))
                replies[reply.action] += 1
                first = first or time.monotonic() - start
                if reply.action == "held":
                    return

        try:
            await asyncio.gather(*(work() for _ in range(WORKERS)))
        except TunelakeError as error:
            replies[f"{type(error).__name__}: {error}"] += 1
        await transport.close()
    took = time.monotonic() - start
    return {
        "replies": replies,
        "retries": tally.retries,
        "tokens": tally.tokens,
        "first": first,
        "took": took,
    }


if __name__ == "__main__":
    wanted = next(lane for lane in get_args(Lane) if lane == sys.argv[2])
    print("ready", flush=True)  # noqa: T201
    print(json.dumps(asyncio.run(main(Path(sys.argv[1]), wanted, sys.argv[3]))), flush=True)  # noqa: T201
