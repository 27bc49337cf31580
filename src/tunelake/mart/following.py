"""Marts that follow a change: only what it may alter is computed, and compared with what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from tunelake.mart import logs, scope, ties
from tunelake.mart.current import Current
from tunelake.mart.model import Model
from tunelake.mart.plan import Known
from tunelake.mart.ports import Rebuilder
from tunelake.mart.translate import over

_OWN_IDENTITY = "own_identity"


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

    def __init__(self, engine: Rebuilder, current: Current, known: Known, keyed: AbstractSet[str]) -> None:
        """Prepare.

        Args:
            engine: Computes.
            current: The tables.
            known: What the run before left.
            keyed: Marts that are keyed by entity.
        """
        self._engine = engine
        self._current = current
        self._known = known
        self._keyed = keyed
        self._scoped: Mapping[str, int] | None = None
        self._affected = 0
        self._parts: set[str] = set()
        self._identity: Renewed | None = None
        self._identity_is_old = True

    def made_whole(self, mart: str) -> None:
        """Hear of a mart that was computed whole."""
        if mart == scope.IDENTITY:
            self._identity_is_old = False

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
        if not self._scope(model):
            return None
        if not self._affected:
            rows = self._known.built[model.name].rows
            return Renewed(rows=rows, changed=False, checked="", names={})
        beside = self._keyed & model.reads
        for mart in sorted(beside - self._parts):
            # It was renewed by an earlier run: what it says of the affected holds.
            theirs = f"select * from {mart} semi join affected using (entity_id)"  # noqa: S608  (our own names)
            self._engine.build(scope.scope(mart), theirs)
        self._parts |= beside | {model.name}
        part = scope.scope(model.name)
        near_them = f"select * from ({of_scope(model)}) as near"  # noqa: S608  (our own SQL)
        self._engine.build(part, f"{near_them} semi join affected using (entity_id)")
        near = self._engine.kept_near(model.name, "affected")
        told = {name: scope.scope(name) for name in (*scope.READABLE, *self._keyed)}
        told[scope.IDENTITY] = _OWN_IDENTITY
        return self._settle(model, part, near, "affected", ("entity_id",), told)

    def _scope(self, model: Model) -> bool:
        """Gather what tells of the affected artists, once; False when that cannot be told for this mart."""
        built = self._known.built
        since = {name: built[model.name].inputs[name] for name in sorted(scope.TABLES)}
        since[scope.IDENTITY] = built[model.name].inputs[scope.IDENTITY]
        if self._scoped is not None:
            # Another mart stopped at another version: what is gathered does not serve this one.
            return self._scoped == since
        if not self._kept_identity_is(since[scope.IDENTITY]):
            return False
        changed = self._news(model, scope.TABLES)
        if changed is None:
            return False
        self._current.logs(*scope.TABLES)
        for name, sql in scope.leading(changed):
            self._engine.build(name, sql)
        any_moved = bool(self._engine.build("moved", self._moved()))
        self._affected = self._engine.build("affected", scope.affected(any_moved=any_moved))
        if self._affected:
            for name, sql in scope.parts():
                self._engine.build(name, sql)
            self._engine.build(_OWN_IDENTITY, scope.OWN_IDENTITY)
        self._scoped = since
        return True

    def _kept_identity_is(self, number: int) -> bool:
        """Tell whether the kept identity is that of a number: a run that was ended may have left another."""
        mart = self._known.built.get(scope.IDENTITY)
        return mart is not None and (mart.number, mart.version) == (
            number,
            self._known.kept.get(scope.IDENTITY),
        )

    def _moved(self) -> str:
        if not self._identity_is_old:
            return scope.moved(self._engine.kept(scope.IDENTITY), scope.IDENTITY)
        if self._identity is not None and self._identity.changed:
            return scope.moved(self._identity.gone, self._identity.fresh)
        return f"select source, id as artist_id, entity_id from {scope.IDENTITY} where false"  # noqa: S608

    def _of_ties(self, model: Model, changed: Mapping[str, str]) -> Renewed:
        self._current.logs(*ties.READS)
        for name, sql in ties.steps(changed):
            self._engine.build(name, sql)
        names = {table: ties.part(table) for table in ties.READS}
        part = ties.part(model.name)
        self._engine.build(part, over(model.sql, names))
        near = self._engine.kept(model.name)
        found = self._settle(model, part, near, ties.TIED, ties.BY, {**names, model.name: part})
        if model.name == scope.IDENTITY:
            self._identity = found
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
            # Once for both: it is looked for in the whole log.
            rows = f"rows_{table}_{model.name}"
            self._engine.build(rows, logs.of(table, keys, by))
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
    return over(model.sql, {name: scope.scope(name) for name in model.reads})
