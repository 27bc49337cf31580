"""Build the marts that have to be built, in order, check them, and only then keep them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from tunelake.errors import ConfigError, Fatal
from tunelake.lake.tables.checks import Check, Finding, counts
from tunelake.mart.building import Building
from tunelake.mart.following import of_scope
from tunelake.mart.lineage import trace
from tunelake.mart.model import Model, read_models, tables_read
from tunelake.mart.plan import Action
from tunelake.mart.ports import Engine
from tunelake.mart.rights import mart_rights, model_refusals
from tunelake.mart.under import tables_under


class ModelRun(msgspec.Struct, frozen=True):
    """What became of one model.

    Attributes:
        rows: Rows of the mart as it is now.
        seconds: What it took, checks left out.
        action: "nothing", "part" (the artists near to a change) or "all".
        why: The reason for that, in words.
    """

    name: str
    rows: int
    seconds: float
    action: Action = "all"
    why: str = ""


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


@cache
def _shipped() -> dict[str, str]:
    folder = resources.files("tunelake.mart") / "models"
    return {
        file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }


@cache
def _ordered(files: tuple[tuple[str, str], ...]) -> tuple[Model, ...]:
    return tuple(read_models(dict(files)))


def standard_models(own: Path | None = None) -> list[Model]:
    """Read the models that ship with Tunelake, in the order in which they run.

    Args:
        own: Folder with further models of the operator; one of a shipped name takes its place.

    Raises:
        ConfigError: A model cannot be read.
    """
    return list(_ordered(tuple(sorted(model_files(own).items()))))


def model_files(own: Path | None = None) -> dict[str, str]:
    """Read the texts of models by their names, as `standard_models` does; nothing is parsed."""
    files = dict(_shipped())
    if own is not None and own.is_dir():
        files |= {path.stem.lower(): path.read_text(encoding="utf-8") for path in sorted(own.glob("*.sql"))}
    return files


def prepare(models: Sequence[Model]) -> None:
    """Parse what a run after a change needs of models, ahead of it; the same is never parsed again."""
    for model in models:
        for sql in filter(None, (model.rows, model.none)):
            tables_read(model.name, sql)
        if model.follows == "entity":
            of_scope(model)


def run_marts(
    engine: Engine,
    models: Sequence[Model] | None = None,
    clock: Callable[[], float] = time.perf_counter,
    *,
    full: bool = False,
    keyed_only: bool = False,
    stated: Collection[str] = (),
) -> MartReport:
    """Build the marts that changed, check them, keep them. When a check fails, all kept before stay.

    Args:
        engine: Where the tables are. One that remembers what marts were made of does only what changed.
        models: In the order they run; the standard ones when None.
        clock: Seconds that only grow.
        full: Build everything, whatever changed.
        keyed_only: Leave out marts that are not about one artist, when others changed.
        stated: Rights the operator states to hold, each "TAG:USE".

    Raises:
        ConfigError: A model would be put to a use that the rights of what it reads do not allow.
        Fatal: A model cannot run, or a check failed; the message names model, check and example keys.
    """
    start = clock()
    ordered = standard_models() if models is None else models
    _refuse(engine, ordered, stated)
    building = Building(engine, ordered, full=full)
    runs, held = [], 0
    for model in ordered:
        if keyed_only and building.can_wait(model):
            continue
        began = clock()
        step = building.build(model)
        runs.append(ModelRun(model.name, building.rows(model.name), clock() - began, step.action, step.why))
    held = _check(engine, building.promises())
    building.keep()
    return MartReport(models=tuple(runs), checks=held, seconds=clock() - start)


def _refuse(engine: Engine, models: Sequence[Model], stated: Collection[str]) -> None:
    """Refuse models that would break a right; those that ship tell the rights of each row."""
    shipped = standard_models()
    asked = [model for model in models if model.use != "display" and model not in shipped]
    if not asked:
        return
    traced, under = trace(models), tables_under(engine)
    barred = [
        reason
        for model in asked
        for reason in model_refusals(model, mart_rights(traced[model.name], under, stated), stated)
    ]
    if barred:
        raise ConfigError("marts were not made:\n" + "\n".join(barred))


def _check(engine: Engine, promised: Iterable[Sequence[Check]]) -> int:
    """Run the checks of what was made, mart by mart; the number of those that held."""
    wrong, held = [], 0
    for found in promised:
        for row in engine.select(counts(found)).to_pylist():
            held += 1
            if row["n"]:
                check = found[row["place"]]
                examples = tuple(engine.select(check.some).to_pylist())
                wrong.append(str(Finding(check=check, offences=row["n"], examples=examples)))
    if wrong:
        raise Fatal("marts were not kept, because they do not hold what they promise:\n" + "\n".join(wrong))
    return held
