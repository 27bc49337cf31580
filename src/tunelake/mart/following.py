"""Marts that follow a change: only what it may alter is computed, and compared with what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from tunelake.mart import causes, logs, scope, ties
from tunelake.mart.current import Current
from tunelake.mart.gathering import Gathering, asked
from tunelake.mart.model import Model
from tunelake.mart.plan import Known
from tunelake.mart.ports import Rebuilder
from tunelake.mart.translate import over


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a mart that followed a change.

    Attributes:
        rows: Its rows as it is now.
        changed: False when it came out the same.
        checked: The relation its checks are asked of: what was computed; "" when nothing had to be.
        names: What SELECTs of its checks read in place of what they name.
        gone: Relation of the rows that are no more.
        fresh: Relation of the rows that were not before.
    """

    rows: int
    changed: bool
    checked: str
    names: Mapping[str, str]
    gone: str = ""
    fresh: str = ""


class Following:
    """Renews marts, one after the other, in the order of what they read."""

    def __init__(self, engine: Rebuilder, current: Current, known: Known, models: Sequence[Model]) -> None:
        """Prepare.

        Args:
            engine: Computes.
            current: The tables.
            known: What the run before left.
            models: All of the run, in order.
        """
        self._engine = engine
        self._current = current
        self._known = known
        self._keyed = {model.name for model in models if model.follows == "entity"}
        self._gathering = Gathering(engine, current, known, models)
        self._whole: set[str] = set()
        self._renewed: dict[str, Renewed] = {}

    def made_whole(self, mart: str) -> None:
        """Hear of a mart that was computed whole."""
        self._whole.add(mart)

    def renew(self, model: Model) -> Renewed | None:
        """Renew a mart; None when what changed cannot be told."""
        if model.follows == "entity":
            return self._of_entities(model)
        changed = self._news(model, model.reads)
        if changed is None:
            return None
        match model.follows:
            case "ties":
                return self._of_ties(model, changed)
            case "columns":
                return self._of_columns(model, changed)
            case _:
                return self._of_sums(model, changed)

    def _news(self, model: Model, tables: Collection[str]) -> dict[str, str] | None:
        """Name the rows added, since the mart was made, to each table that changed."""
        since, found = self._known.built[model.name].inputs, {}
        for table in sorted(tables):
            if since[table] != self._known.versions[table]:
                added = self._current.added(table, since[table])
                if added is None:
                    return None
                found[table] = added
        return found

    def _of_entities(self, model: Model) -> Renewed | None:
        if not self._gathered(model):
            return None
        them = _affected(model.name)
        marts = sorted(self._keyed & asked(model) - {model.name})
        changed = {mart: self._change_of(mart) for mart in marts if self._has_changed(mart)}
        if not self._engine.build(them, causes.concerned(model, changed)):
            rows = self._known.built[model.name].rows
            return Renewed(rows=rows, changed=False, checked="", names={})
        for mart in marts:
            self._engine.view(_near(mart, model.name), self._rows_of(mart, them, model.name))
        own = f"own_identity_{model.name}"
        self._engine.view(own, scope.own_identity(them))
        part = scope.scope(model.name)
        near_them = f"select * from ({of_scope(model)}) as near"  # noqa: S608  (our own SQL)
        self._engine.build(part, f"{near_them} semi join {them} using (entity_id)")
        told = {name: scope.scope(name) for name in (*scope.READABLE, model.name)}
        told |= {mart: _near(mart, model.name) for mart in marts} | {scope.IDENTITY: own}
        near = self._engine.kept_near(model.name, them)
        renewed = self._settle(model, part, near, them, ("entity_id",), told)
        self._renewed[model.name] = renewed
        return renewed

    def _has_changed(self, mart: str) -> bool:
        return mart in self._renewed and self._renewed[mart].changed

    def _change_of(self, mart: str) -> tuple[str, str, Sequence[str]]:
        """Give the rows of a renewed mart that are no more, those that are new, and its columns."""
        renewed = self._renewed[mart]
        columns = self._engine.select(f"from {renewed.gone} limit 0").column_names
        return renewed.gone, renewed.fresh, columns

    def _rows_of(self, mart: str, them: str, reader: str) -> str:
        """Write the query of a mart's rows of some artists, as they are now."""
        theirs = f"semi join {them} using (entity_id)"
        if mart in self._whole:
            return f"select * from {mart} {theirs}"  # noqa: S608  (our own names)
        if mart not in self._renewed:
            return f"select * from {self._engine.kept_near(mart, them)} {theirs}"  # noqa: S608
        part, others = f"select * from {scope.scope(mart)} {theirs}", f"{_near(mart, reader)}_others"  # noqa: S608
        found = f"select * from {them} anti join {_affected(mart)} using (entity_id)"  # noqa: S608
        if not self._engine.build(others, found):
            return part
        kept = f"{self._engine.kept_near(mart, others)} semi join {others} using (entity_id)"
        return f"{part} union all by name select * from {kept}"  # noqa: S608

    def _gathered(self, model: Model) -> bool:
        """Gather what tells of the altered artists, once; False when that cannot be told for this mart."""
        serves = self._gathering.serves(model)
        if serves is not None:
            return serves
        if not self._kept_identity_is(self._gathering.since(model)[scope.IDENTITY]):
            return False
        changed = self._news(model, scope.TABLES)
        if changed is None:
            return False
        self._gathering.gather(model, changed, self._moved())
        return True

    def _kept_identity_is(self, number: int) -> bool:
        """Tell whether the kept identity is that of a number: a run that was ended may have left another."""
        mart = self._known.built.get(scope.IDENTITY)
        return mart is not None and (mart.number, mart.version) == (
            number,
            self._known.kept.get(scope.IDENTITY),
        )

    def _moved(self) -> str:
        if scope.IDENTITY in self._whole:
            return scope.moved(self._engine.kept(scope.IDENTITY), scope.IDENTITY)
        if self._has_changed(scope.IDENTITY):
            return scope.moved(self._renewed[scope.IDENTITY].gone, self._renewed[scope.IDENTITY].fresh)
        return f"select source, id as artist_id, entity_id from {scope.IDENTITY} where false"  # noqa: S608

    def _of_ties(self, model: Model, changed: Mapping[str, str]) -> Renewed:
        self._current.logs(*ties.READS)
        any_open, any_codes = (bool(self._engine.build(*each)) for each in (ties.OPEN, ties.CODES))
        for name, sql in ties.steps(changed, any_open=any_open, any_codes=any_codes):
            self._engine.build(name, sql)
        names = {table: ties.part(table) for table in ties.READS}
        part = ties.part(model.name)
        self._engine.build(part, over(model.sql, names))
        near = self._engine.kept(model.name)
        found = self._settle(model, part, near, ties.TIED, ties.BY, {**names, model.name: part})
        self._renewed[model.name] = found
        return found

    def _of_columns(self, model: Model, changed: Mapping[str, str]) -> Renewed:
        by, keys = model.keyed, f"keys_{model.name}"
        told = " union ".join(f"select {', '.join(by)} from {added}" for added in changed.values())  # noqa: S608
        self._engine.build(keys, told)
        self._current.logs(*model.reads)
        names = {table: f"{model.name}_{table}" for table in model.reads}
        for table, name in names.items():
            self._engine.build(name, logs.now(table, keys, by))
        part = f"part_{model.name}"
        self._engine.build(part, over(model.sql, names))
        near = self._engine.kept(model.name)
        return self._settle(model, part, near, keys, by, {**names, model.name: part})

    def _of_sums(self, model: Model, changed: Mapping[str, str]) -> Renewed:
        self._current.logs(*model.reads)
        was, now = {}, {}
        for table in sorted(model.reads):
            was[table], now[table] = f"was_{table}_{model.name}", f"is_{table}_{model.name}"
            if table not in changed:
                was[table] = now[table] = f"none_{table}"
                self._engine.view(f"none_{table}", logs.none(table))
                continue
            keys, by = f"keys_{table}_{model.name}", logs.identity(table)
            self._engine.build(keys, logs.told_keys(table, changed[table]))
            # Once for both, and for marts about artists: it is looked for in the whole log.
            rows = f"rows_{table}_{model.name}"
            gathered = self._gathering.has(table, self._known.built[model.name].inputs[table])
            found = logs.among(scope.rows(table), keys, by) if gathered else logs.of(table, keys, by)
            self._engine.build(rows, found)
            self._engine.build(was[table], logs.before(table, rows, changed[table]))
            self._engine.build(now[table], logs.current(table, rows))
        kept = self._engine.kept(model.name)
        part = f"part_{model.name}"
        self._engine.build(part, logs.summed(model, kept, over(model.sql, was), over(model.sql, now)))
        every = f"keys_{model.name}"
        self._engine.build(every, f"select {', '.join(model.grain)} from {kept}")  # noqa: S608  (our own names)
        return self._settle(model, part, kept, every, model.grain, {model.name: part})

    def _settle(
        self, model: Model, part: str, near: str, keys: str, by: Sequence[str], names: Mapping[str, str]
    ) -> Renewed:
        """Compare a part with what it was; where it changed, put it in the place of that.

        Args:
            model: The mart.
            part: Relation of the new rows of the keys.
            near: Relation that has the old ones.
            keys: Relation of the keys.
            by: Columns of the keys.
            names: See `Renewed`.
        """
        mart, using = model.name, ", ".join(by)
        was, gone, fresh = f"was_{mart}", f"gone_{mart}", f"fresh_{mart}"
        self._engine.build(was, f"select * from {near} semi join {keys} using ({using})")  # noqa: S608
        less = self._engine.build(gone, f"from {was} except from {part}")
        more = self._engine.build(fresh, f"from {part} except from {was}")
        if less or more:
            staying = f"select * from {self._engine.kept(mart)} anti join {keys} using ({using})"  # noqa: S608
            self._engine.view(mart, f"{staying} union all by name from {part}")
        return Renewed(
            rows=self._known.built[mart].rows - less + more,
            changed=bool(less or more),
            checked=part,
            names=names,
            gone=gone,
            fresh=fresh,
        )


def of_scope(model: Model) -> str:
    """Write the SELECT of a model that is keyed by entity over what tells of the affected alone."""
    tables = {name: scope.scope(name) for name in model.reads & scope.READABLE}
    return over(model.sql, tables | {mart: _near(mart, model.name) for mart in model.reads - tables.keys()})


def _near(mart: str, reader: str) -> str:
    """Name what a model is to read of a mart: the rows of those it is computed for."""
    return f"{mart}_for_{reader}"


def _affected(mart: str) -> str:
    return f"affected_{mart}"
