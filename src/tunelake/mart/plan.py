"""What a run of the marts has to do, and why: nothing, what a change may alter, or all of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal

import msgspec

from tunelake.lake.contracts.contract import load
from tunelake.mart import scope, ties
from tunelake.mart.model import Model
from tunelake.mart.ports import Built

Action = Literal["nothing", "part", "all"]


class Step(msgspec.Struct, frozen=True):
    """What is to be done for one mart.

    Attributes:
        action: "nothing", "part" (what a change may alter), or "all".
        why: The reason, in words.
    """

    mart: str
    action: Action
    why: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan is made from.

    Attributes:
        versions: Of the tables, now.
        built: What kept marts were made of.
        kept: Versions of the kept marts, now.
    """

    versions: Mapping[str, int]
    built: Mapping[str, Built]
    kept: Mapping[str, int]


def inputs(model: Model, known: Known, numbers: Mapping[str, int]) -> dict[str, int]:
    """Tell what a mart made now is made of: versions of tables, numbers of marts."""
    reads = {name.removesuffix("_history") for name in model.reads}
    if model.follows == "entity":
        reads |= scope.TABLES | {scope.IDENTITY}
    return {
        name: numbers[name] if name in numbers else known.versions.get(name, -1) for name in sorted(reads)
    }


def step(model: Model, known: Known, now: Mapping[str, int], *, partly: Collection[str]) -> Step:
    """Decide about one mart.

    Args:
        model: Its model.
        known: What the run before left.
        now: What the mart would be made of now; see `inputs`.
        partly: Marts of which only a part changed in this run.
    """
    built = known.built.get(model.name)
    if built is None:
        return Step(model.name, "all", "it was never made")
    unlike = _unlike(model, built, known, now)
    if unlike:
        return Step(model.name, "all", unlike)
    changed = [name for name, version in now.items() if built.inputs[name] != version]
    if not changed:
        return Step(model.name, "nothing", "nothing it reads changed")
    marts = {name for name in changed if name not in load() and name != scope.IDENTITY}
    in_part = model.follows and marts <= set(partly if model.follows == "entity" else ())
    return Step(model.name, "part" if in_part else "all", f"{', '.join(changed)} changed")


def _unlike(model: Model, built: Built, known: Known, now: Mapping[str, int]) -> str:
    """Say why what was made before is no start for what is to be made; "" when it is one."""
    if built.version != known.kept.get(model.name, -1):
        return "the kept mart was changed by somebody else"
    if built.fingerprint != model.fingerprint:
        return "its model changed"
    return "" if built.inputs.keys() == now.keys() else "it reads other tables than before"


def plan(models: Sequence[Model], known: Known) -> list[Step]:
    """Plan a run: a mart is taken to change when it is made."""
    numbers: dict[str, int] = {}
    partly: set[str] = set()
    steps = []
    for model in models:
        decided = step(model, known, inputs(model, known, numbers), partly=partly)
        steps.append(decided)
        number = known.built[model.name].number if model.name in known.built else 0
        numbers[model.name] = number + (decided.action != "nothing")
        if decided.action == "part":
            partly.add(model.name)
    return steps


def check_follows(model: Model, keyed: Collection[str]) -> str:
    """Say why a model cannot follow changes as it says; "" when it can.

    Args:
        model: The model.
        keyed: Marts that are keyed by entity.
    """
    strange: AbstractSet[str] = frozenset()
    why = ""
    match model.follows:
        case "entity":
            strange = model.reads - scope.READABLE - set(keyed)
            why = "which is no part of what tells of one artist"
        case "ties":
            strange, why = model.reads - ties.READS, "by which no artists are tied"
        case "columns":
            strange = {name for name in model.reads if not set(model.keyed) <= _identity(name)}
            why = f"which is not a table with {', '.join(model.keyed)} in its key"
        case "sums":
            strange, why = model.reads - load().keys(), "which is not a table"
    return f"it reads {', '.join(sorted(strange))}, {why}" if strange else ""


def _identity(table: str) -> set[str]:
    return set(load()[table].identity) if table in load() else set()
