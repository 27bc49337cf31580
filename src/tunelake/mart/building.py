"""One run of the marts: what was made so far, in whole or in part, and what of it is to be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import load
from tunelake.lake.tables.checks import Check
from tunelake.mart import scope
from tunelake.mart.checks import checks
from tunelake.mart.current import Current
from tunelake.mart.following import Following, Renewed
from tunelake.mart.model import Model
from tunelake.mart.plan import Known, Step, check_follows, inputs, step
from tunelake.mart.ports import Built, Engine, Memory, Rebuilder
from tunelake.mart.translate import over


class Building:
    """Makes marts one after the other; nothing is kept before `keep`."""

    def __init__(self, engine: Engine, models: Sequence[Model], *, full: bool) -> None:
        """Begin a run; an engine that is no `Rebuilder` with a memory builds all of everything.

        Raises:
            ConfigError: A model cannot follow changes as it says, or has the name of a table.
        """
        keyed = {model.name for model in models if model.follows == "entity"}
        for model in models:
            why = check_follows(model, keyed)
            if why:
                raise ConfigError(f"model {model.name} cannot follow changes as it says: {why}")
            if model.name.removesuffix("_history") in load():
                raise ConfigError(f"model {model.name} has the name of a table of the lake: give it another")
        self._engine = engine
        self._full = full
        self._models = {model.name: model for model in models}
        self._renewal: _Renewal | None = None
        if isinstance(engine, Rebuilder) and engine.memory is not None:
            self._renewal = _Renewal(engine, engine.memory, models)
        self._made: dict[str, Step] = {}
        self._rows: dict[str, int] = {}

    def can_wait(self, model: Model) -> bool:
        """Tell whether a mart may stay as it is for now: it is not about one artist, and it is there."""
        waits = model.follows != "entity" and model.name != scope.IDENTITY
        return waits and self._renewal is not None and model.name in self._renewal.known.built

    def rows(self, mart: str) -> int:
        """Count the rows of a mart as it is now."""
        return self._rows[mart]

    def build(self, model: Model) -> Step:
        """Make a mart as far as it has to be made."""
        if self._renewal is None:
            self._rows[model.name] = self._engine.build(model.name, model.sql)
            self._made[model.name] = Step(model.name, "all", "nobody remembers what was made before")
            return self._made[model.name]
        decided, self._rows[model.name], changed = self._renewal.build(model, full=self._full)
        if changed:
            self._made[model.name] = decided
        return decided

    def promises(self) -> Iterator[list[Check]]:
        """Give the checks of each mart that was made, over the part of it that was made."""
        for name in self._made:
            model = self._models[name]
            if self._renewal is None:
                yield checks(model)
            else:
                relation, names = self._renewal.checked(name)
                yield checks(model, relation, partial(over, names=names))

    def keep(self) -> None:
        """Keep what was made, and remember what it was made of."""
        if self._renewal is not None:
            self._renewal.keep(list(self._made))
            return
        for name in self._made:
            self._engine.save(name, self._engine.table(name))


class _Renewal:
    """A run of an engine that remembers."""

    def __init__(self, engine: Rebuilder, memory: Memory, models: Sequence[Model]) -> None:
        self._engine = engine
        self._memory = memory
        self._models = {model.name: model for model in models}
        self.known = known(memory, models)
        self._current = Current(engine, memory, models)
        self._following = Following(engine, self._current, self.known, models)
        self._numbers: dict[str, int] = {}
        self._inputs: dict[str, dict[str, int]] = {}
        self._partly: dict[str, Renewed] = {}
        self._whole: dict[str, str] = {}
        self._rows: dict[str, int] = {}

    def build(self, model: Model, *, full: bool) -> tuple[Step, int, bool]:
        """Make a mart; what was done, its rows now, and whether it is another than before."""
        name, before = model.name, self.known.built.get(model.name)
        now = self._inputs[name] = inputs(model, self.known, self._numbers)
        decided = step(model, self.known, now, partly=self._partly)
        if full:
            decided = Step(name, "all", "everything was asked for")
        changed = decided.action != "nothing"
        if decided.action == "part":
            renewed = self._following.renew(model)
            if renewed is None:
                decided = Step(name, "all", f"{decided.why}, and what changed cannot be told")
            else:
                changed, self._rows[name] = renewed.changed, renewed.rows
                if not renewed.checked:
                    decided = Step(name, "nothing", "no artist is affected")
                if changed:
                    self._partly[name] = renewed
        elif before is not None and not changed:
            self._rows[name] = before.rows
        if decided.action == "all":
            changed = self._build_whole(model, before)
        self._numbers[name] = (before.number if before else 0) + changed
        return decided, self._rows[name], changed

    def _build_whole(self, model: Model, before: Built | None) -> bool:
        """Compute a mart whole; whether it is another than before."""
        name = model.name
        self._rows[name] = self._engine.build(name, over(model.sql, self._current.now(model)))
        self._following.made_whole(name)
        if model.follows in _CUT:
            return True
        self._whole[name] = self._engine.content(name)
        kept_is_known = before is not None and before.version == self.known.kept[name]
        return not (kept_is_known and before is not None and before.content == self._whole[name])

    def checked(self, name: str) -> tuple[str, Mapping[str, str]]:
        """Tell over which relation the checks of a mart are asked, and what their SELECTs read."""
        if name in self._partly:
            return self._partly[name].checked, self._partly[name].names
        return name, self._current.names

    def keep(self, made: Sequence[str]) -> None:
        """Keep what is another than before, and remember what all was made of."""
        for name in made:
            model, part = self._models[name], self._partly.get(name)
            if part is None:
                self._engine.keep(name, in_parts=model.follows in _CUT)
            else:
                self._engine.keep_part(name, model.grain, part.gone, part.fresh, self.known.kept[name])
        self._current.drop()
        self._memory.record(self._remembered(made))

    def _remembered(self, made: Sequence[str]) -> list[Built]:
        found = dict(self.known.built)
        for name, number in self._numbers.items():
            before = found.get(name)
            content = self._whole.get(name, "")
            if name not in self._whole and name not in self._partly and before is not None:
                content = before.content
            found[name] = Built(
                mart=name,
                fingerprint=self._models[name].fingerprint,
                inputs=self._inputs[name],
                number=number,
                content=content,
                # What another run kept meanwhile is not what this one knows of.
                version=self._memory.version(name) if name in made else self.known.kept[name],
                rows=self._rows[name],
            )
        return list(found.values())


_CUT = ("entity", "ties")
"""What follows changes so is kept in parts: its rows have an entity id."""


def known(memory: Memory | None, models: Sequence[Model]) -> Known:
    """Ask a memory for all that a plan needs."""
    if memory is None:
        return Known(versions={}, built={}, kept={})
    return Known(
        versions=memory.versions(),
        built=memory.built(),
        kept={model.name: memory.version(model.name) for model in models},
    )
