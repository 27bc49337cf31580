"""Writing a set into the tables that serve, inside a transaction: only what differs; what left is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Insert, MetaData, Table, bindparam, delete, select
from sqlalchemy.dialects import mysql, postgresql, sqlite

from tunelake.publish import schema
from tunelake.publish.content import Changes, Part, parts
from tunelake.publish.ports import Rows
from tunelake.publish.schema import TABLES
from tunelake.publish.sqlalchemy_tables import PARTS

_ARTISTS = 200  # artists looked up by one statement
_ROWS = 5_000  # rows written by one statement
Row = tuple[Any, ...]


class Writer:
    """One publication on an open connection."""

    def __init__(self, connection: Connection, tables: MetaData) -> None:
        self._connection = connection
        self._tables = tables.tables
        self._parts = tables.tables[PARTS]
        self.changes = Changes()

    def whole(self, rows: Rows, *, verify: bool) -> None:
        """Bring every table to these rows; to verify is to read the rows that are there, not the books."""
        gone = {
            table.name: self._table(
                table, rows.get(table.name, ()), self._all_known(table.name, verify=verify)
            )
            for table in TABLES
        }
        self._remove_all(gone)

    def some(self, entity_ids: Collection[str], rows: Rows) -> None:
        """Bring the rows of some artists to these."""
        gone = {
            table.name: self._table(table, rows.get(table.name, ()), self._known(table.name, entity_ids))
            for table in TABLES
        }
        self._remove_all(gone)

    def _table(self, table: schema.Table, rows: Iterable[Row], known: dict[str, str]) -> Collection[str]:
        """Write what differs in one table; give the artists that have no rows there any more."""
        left = set(known)
        place = table.names.index("entity_id")
        differing = self._differing(parts(rows, place), known, left)
        while chunk := list(islice(differing, _ARTISTS)):
            self._put(table, chunk, [part.entity_id for part in chunk if part.entity_id in known])
        return left

    def _all_known(self, table: str, *, verify: bool) -> dict[str, str]:
        if verify:
            return dict(held(self._connection, self._tables[table]))
        books = self._parts.c
        query = select(books.entity_id, books.hash).where(books.part == table)
        return {row.entity_id: row.hash for row in self._connection.execute(query)}

    def _known(self, table: str, among: Collection[str]) -> dict[str, str]:
        books = self._parts.c
        query = select(books.entity_id, books.hash).where(books.part == table)
        found: dict[str, str] = {}
        for some in _chunks(among, _ARTISTS):
            rows = self._connection.execute(query.where(books.entity_id.in_(some)))
            found.update({row.entity_id: row.hash for row in rows})
        return found

    def _differing(self, found: Iterable[Part], known: dict[str, str], left: set[str]) -> Iterator[Part]:
        for part in found:
            left.discard(part.entity_id)
            if known.get(part.entity_id) != part.hash:
                yield part

    def _put(self, table: schema.Table, chunk: Sequence[Part], known: Sequence[str]) -> None:
        """Write the rows of some artists that differ from theirs; take away what they no longer have."""
        target = self._tables[table.name]
        places = [table.names.index(name) for name in table.key]
        before = self._rows(target, known, places)
        wanted = {tuple(row[at] for at in places): row for part in chunk for row in part.rows}
        gone = before.keys() - wanted.keys()
        self._delete(target, table.key, gone)
        new = [row for key, row in wanted.items() if before.get(key) != row]
        # Rows of one key, twice, are for the database to refuse.
        twice = sum(len(part.rows) for part in chunk) - len(wanted)
        plain = target.insert() if twice else _upsert(self._connection.dialect.name, target, table.key)
        rows = [row for part in chunk for row in part.rows] if twice else new
        for some in _chunks(rows, _ROWS):
            self._connection.execute(plain, [dict(zip(table.names, row, strict=True)) for row in some])
        self._connection.execute(
            _upsert(self._connection.dialect.name, self._parts, ("part", "entity_id")),
            [{"part": table.name, "entity_id": part.entity_id, "hash": part.hash} for part in chunk],
        )
        self.changes.written += len(new)
        self.changes.removed += len(gone)

    def _rows(self, target: Table, entity_ids: Sequence[str], places: Sequence[int]) -> dict[Row, Row]:
        if not entity_ids:
            return {}
        found = self._connection.execute(select(target).where(target.c.entity_id.in_(entity_ids)))
        return {tuple(row[at] for at in places): tuple(row) for row in found}

    def _delete(self, target: Table, key: Sequence[str], gone: Collection[Row]) -> None:
        if gone:
            named = [target.c[name] == bindparam(f"key_{name}") for name in key]
            values = [{f"key_{name}": value for name, value in zip(key, row, strict=True)} for row in gone]
            self._connection.execute(delete(target).where(*named), values)

    def _remove_all(self, gone: dict[str, Collection[str]]) -> None:
        """Take away artists table by table, last the table that the others refer to."""
        for table in reversed(TABLES):
            target = self._tables[table.name]
            for some in _chunks(gone[table.name], _ARTISTS):
                done = self._connection.execute(delete(target).where(target.c.entity_id.in_(some)))
                self.changes.removed += done.rowcount
                books = self._parts.c
                mine = (books.part == table.name) & books.entity_id.in_(some)
                self._connection.execute(delete(self._parts).where(mine))


def held(connection: Connection, table: Table) -> Iterator[tuple[str, str]]:
    """Hash the rows of each artist as they stand in a table: (entity_id, hash)."""
    place = table.columns.keys().index("entity_id")
    query = select(table).order_by(table.c.entity_id)
    found = connection.execute(query, execution_options={"yield_per": _ROWS})
    for part in parts((tuple(row) for row in found), place):
        yield part.entity_id, part.hash


def _upsert(dialect: str, target: Table, key: Sequence[str]) -> Insert:
    """Insert rows, or update those that are there."""
    others = [column.name for column in target.columns if column.name not in key]
    if dialect == "mysql":
        into = mysql.insert(target)
        return into.on_duplicate_key_update({name: into.inserted[name] for name in others})
    insert: postgresql.Insert | sqlite.Insert
    insert = postgresql.insert(target) if dialect == "postgresql" else sqlite.insert(target)
    return insert.on_conflict_do_update(
        index_elements=list(key), set_={name: insert.excluded[name] for name in others}
    )


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk
