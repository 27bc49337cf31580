"""Build every mart in order, check all of them, and only then keep them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib import resources

import msgspec

from tunelake.errors import Fatal
from tunelake.mart.checks import checks
from tunelake.mart.model import Model, read_models
from tunelake.mart.ports import Engine


class ModelRun(msgspec.Struct, frozen=True):
    """Rows and seconds of one model."""

    name: str
    rows: int
    seconds: float


class MartReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of the marts did.

    Attributes:
        models: In the order they ran.
        checks: How many checks held (all of them, or the run fails).
        seconds: The whole run.
    """

    models: tuple[ModelRun, ...]
    checks: int
    seconds: float

    @property
    def rows(self) -> dict[str, int]:
        """Rows by mart."""
        return {model.name: model.rows for model in self.models}


def standard_models() -> list[Model]:
    """Read the models that ship with Tunelake, in the order in which they run."""
    folder = resources.files("tunelake.mart") / "models"
    return read_models(
        {
            file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
            for file in folder.iterdir()
            if file.name.endswith(".sql")
        }
    )


def run_marts(
    engine: Engine,
    models: Sequence[Model] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> MartReport:
    """Build all marts, check them, keep them. When a check fails, the marts kept before stay.

    Args:
        engine: Where the tables are.
        models: In the order they run; the standard ones when None.
        clock: Seconds that only grow.

    Raises:
        Fatal: A model cannot run, or a check failed; the message names each.
    """
    start = clock()
    ordered = standard_models() if models is None else models
    runs = []
    for model in ordered:
        began = clock()
        rows = engine.build(model.name, model.sql)
        runs.append(ModelRun(model.name, rows, clock() - began))
    held = _check(engine, ordered)
    for model in ordered:
        engine.save(model.name, engine.table(model.name))
    return MartReport(models=tuple(runs), checks=held, seconds=clock() - start)


def _check(engine: Engine, models: Sequence[Model]) -> int:
    found = [check for model in models for check in checks(model)]
    broken = []
    for check in found:
        offences = engine.select(check.sql).column(0)[0].as_py()
        if offences:
            broken.append(f"{check.mart}: {offences} {check.meaning}")
    if broken:
        raise Fatal("marts were not kept, because they do not hold what they promise:\n" + "\n".join(broken))
    return len(found)
