"""What a run knows of the artists that a change may alter: gathered once, asked for by each mart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tunelake.mart import causes, scope
from tunelake.mart.current import Current
from tunelake.mart.model import Model, tables_read
from tunelake.mart.plan import Known
from tunelake.mart.ports import Rebuilder


class Gathering:
    """The scope of a change; see `scope`."""

    def __init__(self, engine: Rebuilder, current: Current, known: Known, models: Sequence[Model]) -> None:
        """Prepare; nothing is read yet."""
        self._engine = engine
        self._current = current
        self._known = known
        keyed = [model for model in models if model.follows == "entity"]
        self._deep = causes.deep(keyed)
        self._wanted = {name for model in keyed for name in asked(model)}
        self._since: Mapping[str, int] | None = None
        self._found = False

    def serves(self, model: Model) -> bool | None:
        """Tell whether what is gathered serves a mart; None when nothing is gathered yet.

        A mart that stopped at another version is not served.
        """
        return None if self._since is None else self._since == self.since(model)

    def has(self, table: str, since: int) -> bool:
        """Tell whether `scope.rows` has all rows of the keys of a table that changed since a version."""
        known = self._found and self._since is not None and self._since.get(table) == since
        return known and table in self._wanted and table in scope.ROWS

    def since(self, model: Model) -> dict[str, int]:
        """Tell of which versions a mart about artists was made."""
        made_of = self._known.built[model.name].inputs
        return {name: made_of[name] for name in sorted({*scope.TABLES, scope.IDENTITY})}

    def gather(self, model: Model, added: Mapping[str, str], moved: str) -> None:
        """Gather what tells of the artists altered since a mart was made.

        Args:
            model: Its model.
            added: A relation of the rows added to each table that changed.
            moved: The query of the ids that stand for another entity than before.
        """
        self._current.logs(*scope.TABLES)
        for name, sql in scope.leading(added):
            self._engine.build(name, sql)
        any_moved = bool(self._engine.build("moved", moved))
        self._found = bool(self._engine.build(causes.KEPT, scope.causes(added, any_moved=any_moved)))
        if self._found:
            for name, sql in scope.parts(self._wanted, self._deep):
                self._engine.build(name, sql)
        self._since = self.since(model)


def asked(model: Model) -> frozenset[str]:
    """Name the tables and marts that a model, or a check of it, reads."""
    selects = [sql for sql in (model.rows, model.none) if sql]
    found = model.reads.union(*(tables_read(model.name, sql) for sql in selects))
    return frozenset({*found, *(name.removesuffix("_history") for name in found)})
