"""Doing many things at once, with progress; the first failure ends all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

from tunelake.collect.tally import Progress

Thing = TypeVar("Thing")
Result = TypeVar("Result")
WORKERS = 16


async def each(
    stage: str, things: Sequence[Thing], work: Callable[[Thing], Awaitable[Result]], progress: Progress
) -> list[Result]:
    """Do the work for each thing, a bounded number at once; results in the order of the things."""
    results: dict[int, Result] = {}
    waiting = iter(enumerate(things))

    async def worker() -> None:
        for index, thing in waiting:
            results[index] = await work(thing)
            progress(stage, len(results), len(things))

    if things:
        progress(stage, 0, len(things))
    try:
        async with asyncio.TaskGroup() as group:
            for _ in islice(things, WORKERS):
                group.create_task(worker())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [results[index] for index in range(len(things))]


def batches(ids: Iterable[str], size: int) -> list[tuple[str, ...]]:
    """Split ids into batches."""
    rest = iter(ids)
    return list(iter(lambda: tuple(islice(rest, size)), ()))
