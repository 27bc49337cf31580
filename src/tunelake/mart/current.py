"""The tables as a run of the marts reads them: what is now is worked out once, and only what is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import ddl, load, logged
from tunelake.lake.history import latest
from tunelake.mart import scope, ties
from tunelake.mart.logs import log
from tunelake.mart.model import Model, columns_read
from tunelake.mart.ports import Memory, Rebuilder

_ORDER = ("observed_at", "page_id", "_absent", "_row", "_whole")
"""What tells the latest of a log. Its hashes are left out: they take as long to read as names."""


class Current:
    """Tables at the versions that a memory tells, beside an engine's own views."""

    def __init__(self, engine: Rebuilder, memory: Memory, models: Sequence[Model]) -> None:
        """Prepare; nothing is read yet."""
        self._engine = engine
        self._memory = memory
        self._models = models
        self._logs: set[str] = set()
        self._derived: set[str] = set()
        self._added: dict[tuple[str, int], str] = {}

    def logs(self, *tables: str) -> None:
        """Let SELECTs read the logs of some tables; columns that nobody asks for are null."""
        for table in set(tables) - self._logs:
            contract, read = load()[table], self._columns(table)
            told = [
                latest.name(column.name)
                if column.name in read
                else f"null::{column.sql_type} as {latest.name(column.name)}"
                for column in logged(contract)
            ]
            rows = f"({self._memory.log(table)}) as logged"
            self._engine.view(log(table), f"select {', '.join(told)} from {rows}")  # noqa: S608  (quoted names)
            self._logs.add(table)

    def _columns(self, table: str) -> set[str]:
        """Find what models and those who follow changes read of a table."""
        asked = [
            (model.name, sql) for model in self._models for sql in (model.sql, model.rows, model.none) if sql
        ]
        read = {column for name, sql in asked for column in columns_read(name, sql, table)}
        beside = (*scope.COLUMNS.get(table, ()), *ties.COLUMNS.get(table, ()))
        return read | {*load()[table].primary_key, *beside, *_ORDER}

    def now(self, model: Model) -> dict[str, str]:
        """Work out what is now of the tables that a model reads; under which name each is there."""
        tables = model.reads & load().keys()
        for table in sorted(tables - self._derived):
            self._derive(table)
        return {table: _now(table) for table in tables}

    @property
    def names(self) -> dict[str, str]:
        """Under which names tables are there that were worked out."""
        return {table: _now(table) for table in self._derived}

    def _derive(self, table: str) -> None:
        self.logs(table)
        columns = [name for name in ddl(load()[table]) if name in self._columns(table)]
        rows = f"({latest.current(load()[table], log(table))})"
        self._engine.build(_now(table), f"select {latest.names(columns)} from {rows} as now")  # noqa: S608  (quoted names)
        self._derived.add(table)

    def added(self, table: str, since: int) -> str | None:
        """Name a relation of the rows added to a table since a version; None when nobody can tell."""
        if (table, since) not in self._added:
            rows = self._memory.added(table, since)
            if rows is None:
                return None
            name = f"added_{table}_{max(since, 0)}"
            try:
                self._engine.build(name, rows)
            except Fatal:
                # What was compacted since may be removed before it is read.
                if self._memory.added(table, since) is not None:
                    raise
                return None
            self._added[table, since] = name
        return self._added[table, since]

    def drop(self) -> None:
        """Let go of what is now: it may be all of the lake."""
        for table in self._derived:
            self._engine.drop(_now(table))
        self._derived.clear()


def _now(table: str) -> str:
    return f"now_{table}"
