"""One run of the marts: what was made so far, in whole or in part, and what of it is to be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tunelake.errors import ConfigError
from tunelake.lake.checks import Check
from tunelake.mart import scope
from tunelake.mart.checks import checks
from tunelake.mart.model import Model
from tunelake.mart.plan import Known, Step, check_keyed, inputs, step
from tunelake.mart.ports import Built, Engine, Memory, Rebuilder
from tunelake.mart.translate import over


class Building:
    """Makes marts one after the other; nothing is kept before `keep`."""

    def __init__(self, engine: Engine, models: Sequence[Model], *, full: bool) -> None:
        """Begin a run; an engine that is no `Rebuilder` with a memory builds all of everything.

        Raises:
            ConfigError: A keyed model reads what does not tell of one artist.
        """
        keyed = {model.name for model in models if model.keyed}
        for model in models:
            why = check_keyed(model, keyed) if model.keyed else ""
            if why:
                raise ConfigError(f"model {model.name} cannot be keyed: {why}")
        self._engine = engine
        self._rebuilder = engine if isinstance(engine, Rebuilder) and engine.memory is not None else None
        self._full = full
        self._models = {model.name: model for model in models}
        self._known = known(self._rebuilder.memory, models) if self._rebuilder else None
        self._numbers: dict[str, int] = {}
        self._inputs: dict[str, dict[str, int]] = {}
        self._made: dict[str, Step] = {}
        self._rows: dict[str, int] = {}
        self._scoped: Mapping[str, int] | None = None
        self._affected = 0

    def can_wait(self, model: Model) -> bool:
        """Tell whether a mart may stay as it is for now: it is not about one artist, and it is there."""
        waits = not model.keyed and model.name != scope.IDENTITY
        return waits and self._known is not None and model.name in self._known.built

    def rows(self, mart: str) -> int:
        """Count the rows of a mart as it is now."""
        return self._rows[mart]

    def build(self, model: Model) -> Step:
        """Make a mart as far as it has to be made."""
        decided = self._decide(model)
        if decided.action == "part" and not self._scope(model):
            decided = Step(model.name, "all", f"{decided.why}, and what changed cannot be told")
        if decided.action == "part" and not self._affected:
            decided = Step(model.name, "nothing", "no artist is affected")
        before = self._known.built.get(model.name) if self._known else None
        if decided.action == "nothing" and before is not None:
            self._rows[model.name] = before.rows
            self._numbers[model.name] = before.number
            return decided
        if decided.action == "part":
            self._build_part(model)
        else:
            self._rows[model.name] = self._engine.build(model.name, model.sql)
        self._number(model, decided, before)
        return decided

    def _decide(self, model: Model) -> Step:
        if self._known is None:
            return Step(model.name, "all", "nobody remembers what was made before")
        now = inputs(model, self._known, self._numbers)
        self._inputs[model.name] = now
        if self._full:
            return Step(model.name, "all", "everything was asked for")
        partly = {name for name, made in self._made.items() if made.action == "part"}
        return step(model, self._known, now, partly=partly)

    def _number(self, model: Model, decided: Step, before: Built | None) -> None:
        """Give what was made its number: the one before when its content is the same."""
        if self._rebuilder is None:
            self._made[model.name] = decided
            return
        same = (
            decided.action == "all"
            and before is not None
            and self._known is not None
            and before.version == self._known.kept[model.name]
            and before.content == self._rebuilder.content(model.name)
        )
        self._numbers[model.name] = (before.number if before else 0) + (not same)
        if not same:
            self._made[model.name] = decided

    def _scope(self, model: Model) -> bool:
        """Gather what tells of the affected artists, once; False when that cannot be told for this mart."""
        if self._rebuilder is None or self._known is None:
            return False
        built = self._known.built
        since = {name: built[model.name].inputs[name] for name in sorted(scope.TABLES)}
        since[scope.IDENTITY] = built[model.name].inputs[scope.IDENTITY]
        if self._scoped is not None:
            # Another mart stopped at another version: what is gathered does not serve this one.
            return self._scoped == since
        if scope.IDENTITY not in built or built[scope.IDENTITY].number != since[scope.IDENTITY]:
            return False
        changed = []
        for name in sorted(scope.TABLES):
            if since[name] == self._known.versions[name]:
                continue
            added = self._rebuilder.memory.added(name, since[name]) if self._rebuilder.memory else None
            if added is None:
                return False
            self._engine.build(f"changed_{name}", scope.changed_keys(name, added))
            changed.append(name)
        any_moved = bool(self._engine.build("moved", scope.moved(self._rebuilder.kept(scope.IDENTITY))))
        self._affected = self._engine.build("affected", scope.affected(changed, any_moved=any_moved))
        if self._affected:
            for name, sql in scope.parts():
                self._engine.build(name, sql)
        self._scoped = since
        return True

    def _build_part(self, model: Model) -> None:
        """Compute the affected artists over their scope, and put them in the place of what they were."""
        assert self._rebuilder is not None  # noqa: S101  (only then is there a part)
        names = {name: scope.scope(name) for name in model.reads}
        fresh = f"select * from ({over(model.sql, names)}) as fresh semi join affected using (entity_id)"  # noqa: S608
        self._engine.build(scope.scope(model.name), fresh)
        self._rows[model.name] = self._rebuilder.merge(model.name, scope.scope(model.name))

    def promises(self) -> Iterator[list[Check]]:
        """Give the checks of each mart that was made, over the part of it that was made."""
        parts = {name for name, decided in self._made.items() if decided.action == "part"}
        if parts:
            self._engine.build(scope.scope(scope.IDENTITY), scope.OWN_IDENTITY)
        keyed = {name for name, model in self._models.items() if model.keyed}
        names = {name: scope.scope(name) for name in (*scope.READABLE, *keyed)}
        for name in self._made:
            model = self._models[name]
            if name in parts:
                yield checks(model, scope.scope(name), lambda sql: over(sql, names))
            else:
                yield checks(model)

    def keep(self) -> None:
        """Keep what was made, and remember what it was made of."""
        for name, decided in self._made.items():
            if self._rebuilder is None:
                self._engine.save(name, self._engine.table(name))
            elif decided.action == "part":
                self._rebuilder.keep_part(name, scope.scope(name))
            else:
                self._rebuilder.keep(name)
        if self._rebuilder is not None and self._rebuilder.memory is not None:
            self._rebuilder.memory.record(self._remembered(self._rebuilder))

    def _remembered(self, rebuilder: Rebuilder) -> list[Built]:
        assert self._known is not None and rebuilder.memory is not None  # noqa: S101, PT018  (so `keep` calls)
        found = dict(self._known.built)
        for name, number in self._numbers.items():
            model, before = self._models[name], found.get(name)
            made = self._made.get(name)
            content = before.content if before and made is None else ""
            if made is not None and made.action == "all" and not model.keyed:
                content = rebuilder.content(name)
            found[name] = Built(
                mart=name,
                fingerprint=model.fingerprint,
                inputs=self._inputs[name],
                number=number,
                content=content,
                version=rebuilder.memory.version(name),
                rows=self._rows[name],
            )
        return list(found.values())


def known(memory: Memory | None, models: Sequence[Model]) -> Known:
    """Ask a memory for all that a plan needs."""
    if memory is None:
        return Known(versions={}, built={}, kept={})
    return Known(
        versions=memory.versions(),
        built=memory.built(),
        kept={model.name: memory.version(model.name) for model in models},
    )
