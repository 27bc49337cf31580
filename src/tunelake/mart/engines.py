"""Every model on every engine that is configured, at one version of the tables, and what differs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from tunelake.mart.model import Model
from tunelake.mart.parity import ABSOLUTE, RELATIVE, Compared, compare
from tunelake.mart.ports import Engine

if TYPE_CHECKING:
    import pyarrow as pa


class EngineReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of the engines found.

    Attributes:
        engines: Those that ran, the first is what others are compared with.
        models: Models that ran on each.
        rows: Rows of all marts.
        seconds: By engine.
        compared: By engine beside the first, what comparing each mart gave.
        versions: Versions of the tables that all engines read, -1 for none.
        tolerance: How near two floats must be, relative to the greater, and in any case.
    """

    engines: tuple[str, ...]
    models: int
    rows: int
    seconds: dict[str, float]
    compared: dict[str, tuple[Compared, ...]]
    versions: dict[str, int]
    tolerance: tuple[float, float] = (RELATIVE, ABSOLUTE)

    @property
    def same(self) -> bool:
        """True when no mart differs on any engine."""
        return not any(each.differences for found in self.compared.values() for each in found)


def check_engines(
    engines: Mapping[str, Engine],
    models: Sequence[Model],
    versions: Mapping[str, int],
    progress: Callable[[str, int, int | None], None],
    clock: Callable[[], float] = time.perf_counter,
) -> EngineReport:
    """Run all models on each engine and compare; marts that are kept are not touched.

    Args:
        engines: By name; the first is what the others are compared with.
        models: In the order they run.
        versions: Versions of the tables that the engines see.
        progress: Told of each engine.
        clock: Seconds that only grow.

    Raises:
        Fatal: A model does not run on an engine; the message names both.
    """
    seconds: dict[str, float] = {}
    results: dict[str, dict[str, pa.Table]] = {}
    for name, engine in engines.items():
        start = clock()
        results[name] = {}
        for done, model in enumerate(models, 1):
            engine.build(model.name, model.sql)
            results[name][model.name] = engine.table(model.name)
            progress(name, done, len(models))
        seconds[name] = round(clock() - start, 3)
    first, *others = engines
    return EngineReport(
        engines=tuple(engines),
        models=len(models),
        rows=sum(table.num_rows for table in results[first].values()),
        seconds=seconds,
        compared={
            other: tuple(
                compare(model.name, model.grain, results[first][model.name], results[other][model.name])
                for model in models
            )
            for other in others
        },
        versions=dict(versions),
    )
