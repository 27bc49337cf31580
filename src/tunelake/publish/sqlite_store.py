"""The catalogue in a SQLite file.

Writing goes through SQLAlchemy Core, whose tables derive from `schema.TABLES`; finding a name goes
straight to SQLite, so that a question does not pay a second of CPU to import what it does not need.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunelake.errors import ConfigError, Fatal
from tunelake.publish.counts import check_counts
from tunelake.publish.names import first_of_each, lookups
from tunelake.publish.ports import Rows, Suggestion
from tunelake.publish.schema import TABLES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, MetaData

_CHUNK = 5_000  # rows of one statement
_WAIT = 30  # seconds to wait for another writer

_ORDER = """
order by case n.kind when 'name' then 0 when 'alias' then 1 else 2 end,
  n.collected desc, coalesce(n.popularity, -1) desc, n.entity_id
"""
_EXACT = f"select n.entity_id, n.name from names as n where n.folded = ? {_ORDER}"  # noqa: S608 (constants)
_SHOWN = "select n.entity_id, a.name from names as n join artists as a on a.entity_id = n.entity_id"
_BEGINS = f"{_SHOWN} where n.folded >= ? and n.folded < ? {_ORDER}"
_HOLDS = f"{_SHOWN} where instr(n.folded, ?) > 0 {_ORDER}"


class SqliteCatalogue:
    """A `CatalogueStore` in one SQLite file, made when it is not there.

    Args:
        path: The file; its folder is made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def replace(self, rows: Rows, expected: Mapping[str, int]) -> None:
        """See `CatalogueStore`."""
        with self._writing() as connection:
            for table in self._tables.sorted_tables:
                connection.execute(table.delete())
            self._insert(connection, rows)
            check_counts(self._count(connection), expected)

    def replace_artists(self, entity_ids: Collection[str], rows: Rows) -> None:
        """See `CatalogueStore`."""
        with self._writing() as connection:
            for table in self._tables.sorted_tables:
                connection.execute(table.delete().where(table.c.entity_id.in_(list(entity_ids))))
            self._insert(connection, rows)

    def counts(self) -> dict[str, int]:
        """See `CatalogueStore`."""
        with self._writing() as connection:
            return self._count(connection)

    def find(self, folded: str) -> list[str]:
        """See `CatalogueStore`."""
        for text in lookups(folded):
            found = self._read(_EXACT, text)
            if found:
                return [entity_id for entity_id, _ in first_of_each(found, len(found))]
        return []

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """See `CatalogueStore`."""
        if not folded:
            return []
        found = first_of_each(self._read(_BEGINS, folded, folded + "\U0010ffff"), limit)
        if len(found) < limit:
            found = first_of_each([*found, *self._read(_HOLDS, folded)], limit)
        return [Suggestion(entity_id, name) for entity_id, name in found]

    def close(self) -> None:
        """See `CatalogueStore`."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def _read(self, sql: str, *values: str) -> list[tuple[str, str]]:
        if not self._path.exists():
            return []
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT)) as connection:
                return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise Fatal(f"{self._path} cannot be read: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Open a transaction: all of it is seen at its end, or none."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise Fatal(f"{self._path} cannot be written: {_reason(error)}") from error

    @cached_property
    def _tables(self) -> MetaData:
        from tunelake.publish.sqlalchemy_tables import tables

        return tables(TABLES)

    @cached_property
    def _engine(self) -> Engine:
        from sqlalchemy import URL, create_engine
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_WAIT)) as connection:
                connection.execute("pragma journal_mode = wal")  # readers go on while a set is written
            url = URL.create("sqlite", database=str(self._path))
            engine = create_engine(url, connect_args={"timeout": _WAIT})
            self._tables.create_all(engine)
        except (OSError, sqlite3.Error, SQLAlchemyError) as error:
            raise ConfigError(f"{self._path} cannot be opened to write: {_reason(error)}") from error
        return engine

    def _insert(self, connection: Connection, rows: Rows) -> None:
        for table in TABLES:
            target = self._tables.tables[table.name].insert()
            for chunk in _chunks(rows.get(table.name, ())):
                connection.execute(target, [dict(zip(table.names, row, strict=True)) for row in chunk])

    def _count(self, connection: Connection) -> dict[str, int]:
        from sqlalchemy import func, select

        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in self._tables.sorted_tables
        }


def _reason(error: Exception) -> object:
    """What the database said itself, without the statement and the links that SQLAlchemy adds."""
    return getattr(error, "orig", None) or error


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    stream = iter(rows)
    while chunk := list(islice(stream, _CHUNK)):
        yield chunk
