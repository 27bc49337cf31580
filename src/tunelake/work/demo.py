"""The account of a demo: what was done, counted where it can be counted again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tunelake.collect.report import RunReport
from tunelake.service.answer import Answer
from tunelake.work.build import BuildReport


class DemoReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo did; every figure is counted, none is assumed.

    Attributes:
        asked: Names in the list.
        calls: Requests to the sandbox, for tokens included.
        rows: Rows by table as they are now, marts included.
        seconds: Wall-clock seconds by stage.
        files: Files in the home; `megabytes` is their size.
        peak_megabytes: Most memory this process had.
        gaps: What is still owed; a demo without faults has none.
    """

    asked: int
    stored: int
    ambiguous: int
    not_found: int
    calls: int
    rows: dict[str, int]
    seconds: dict[str, float]
    answers: list[Answer]
    gaps: int
    files: int
    megabytes: float
    peak_megabytes: float
    home: str


class Stopwatch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 2)


def account(
    collected: RunReport,
    built: BuildReport,
    answers: list[Answer],
    *,
    rows: dict[str, int],
    seconds: dict[str, float],
    home: Path,
    peak_megabytes: float,
) -> DemoReport:
    """Sum up."""
    sizes = [path.stat().st_size for path in home.rglob("*") if path.is_file()]
    return DemoReport(
        asked=collected.asked,
        stored=collected.stored,
        ambiguous=collected.by_state.get("ambiguous", 0),
        not_found=collected.by_state.get("not_found", 0),
        calls=collected.calls + collected.token_calls,
        rows=rows | {"similar_artists": built.similar.neighbours},
        seconds=seconds | built.seconds,
        answers=answers,
        gaps=len(collected.gaps) + built.landed.rejected,
        files=len(sizes),
        megabytes=round(sum(sizes) / 1e6, 1),
        peak_megabytes=peak_megabytes,
        home=str(home),
    )
