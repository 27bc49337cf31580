"""The catalogue in SQLite, PostgreSQL or MySQL/MariaDB, through SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    case,
    func,
    inspect,
    literal,
    select,
    union_all,
)

from tunelake.errors import ConfigError
from tunelake.publish.content import Changes, check_counts
from tunelake.publish.names import HEAD, KINDS, first_of_each, lookups, name_digest, parts_of
from tunelake.publish.ports import Rows, Suggestion
from tunelake.publish.schema import TABLES
from tunelake.publish.sqlalchemy_engine import WRITES, open_engine, translated, where
from tunelake.publish.sqlalchemy_scrub import scrub, texts
from tunelake.publish.sqlalchemy_tables import STATE, Words, layout, tables
from tunelake.publish.sqlalchemy_writer import Writer, held

_LAST = "\U0010ffff"


class SqlCatalogue:
    """A `CatalogueStore` in a database; its tables are made when they are not there.

    Args:
        url: See `sqlalchemy_engine.open_engine`. It may hold a password and is never printed whole.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._place = where(self._engine)
        self._tables = tables(TABLES)
        self._artists = self._tables.tables[TABLES[0].name]
        self._names = self._tables.tables["names"]

    @contextmanager
    def replacing(
        self, rows: Rows, expected: Mapping[str, int], *, verify: bool = False
    ) -> Iterator[Changes]:
        """See `CatalogueStore`."""
        with self._writing() as connection:
            writer = Writer(connection, self._tables)
            writer.whole(rows, verify=verify)
            check_counts(self._count(connection), expected)
            yield writer.changes

    def replace_artists(self, entity_ids: Collection[str], rows: Rows) -> None:
        """See `CatalogueStore`."""
        with self._writing() as connection:
            Writer(connection, self._tables).some(entity_ids, rows)

    def known(self, entity_ids: Collection[str]) -> set[str]:
        """See `CatalogueStore`."""
        if not entity_ids:
            return set()
        column = self._artists.c.entity_id
        with self._reading() as connection:
            return set(connection.scalars(select(column).where(column.in_(list(entity_ids)))))

    def counts(self) -> dict[str, int]:
        """See `CatalogueStore`."""
        with self._reading() as connection:
            return self._count(connection)

    def hashes(self, table: str) -> Iterator[tuple[str, str]]:
        """See `CatalogueStore`."""
        with self._reading() as connection:
            yield from held(connection, self._tables.tables[table])

    def find(self, folded: str) -> list[str]:
        """See `NameFinder`."""
        for text in lookups(folded):
            names = self._names.c
            found = self._named((names.digest == name_digest(text)) & (names.folded == text))
            if found:
                return [entity_id for entity_id, _ in first_of_each(found, len(found))]
        return []

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """See `NameFinder`."""
        if not lookups(folded):
            return []
        names, head = self._names.c, folded[:HEAD]
        begins = (names.head >= head) & (names.head < head + _LAST)
        if len(folded) > HEAD:
            begins &= self._at(folded) == 1
        found = first_of_each(self._named(begins), limit)
        if len(found) < limit:
            found = first_of_each([*found, *self._named(self._at(folded) > 0)], limit)
        return [Suggestion(entity_id, name) for entity_id, name in found]

    def near(self, folded: str, limit: int = 10) -> list[str]:
        """See `NameFinder`."""
        return list(
            dict.fromkeys(s.entity_id for part in parts_of(folded) for s in self.suggest(part, limit))
        )

    def texts(self) -> Iterator[bytes]:
        """See `CatalogueStore`."""
        with translated(self._place, "read"):
            yield from texts(self._ready, self._tables)

    def scrub(self) -> None:
        """See `CatalogueStore`."""
        with translated(self._place, "written"):
            scrub(self._ready, self._tables, self._place)

    def close(self) -> None:
        """See `CatalogueStore`."""
        self._engine.dispose()

    def _at(self, folded: str) -> ColumnElement[int]:
        """Where a text stands in a name, 0 for nowhere."""
        place = func.strpos if self._engine.dialect.name == "postgresql" else func.instr
        return place(self._names.c.folded, literal(folded, Words()))

    def _named(self, wanted: ColumnElement[bool]) -> list[tuple[str, str]]:
        names, artists = self._names.c, self._artists.c
        query: Select[tuple[str, str]] = (
            select(names.entity_id, artists.name)
            .join(self._artists, artists.entity_id == names.entity_id)
            .where(wanted)
            .order_by(
                case({kind: at for at, kind in enumerate(KINDS)}, value=names.kind),
                names.collected.desc(),
                func.coalesce(names.popularity, -1).desc(),
                names.entity_id,
            )
        )
        with self._reading() as connection:
            return [(row.entity_id, row.name) for row in connection.execute(query)]

    def _count(self, connection: Connection) -> dict[str, int]:
        # One statement sees one set, where the next may see what was published meanwhile.
        counted = [
            select(literal(table.name).label("name"), func.count().label("rows"))
            .select_from(self._tables.tables[table.name])
            for table in TABLES
        ]  # fmt: skip
        found = {str(name): int(rows) for name, rows in connection.execute(union_all(*counted))}
        return {table.name: found[table.name] for table in TABLES}

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self._place, "read"), self._ready.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Open a transaction, one at a time: all of it is seen at its end, or none."""
        state = self._tables.tables[STATE]
        with translated(self._place, "written"), self._writer.begin() as connection:
            connection.execute(state.update().values(version=state.c.version + 1))
            yield connection

    @property
    def _writer(self) -> Engine:
        return self._ready.execution_options(**{WRITES: True})

    @cached_property
    def _ready(self) -> Engine:
        """The engine, when its database has the tables."""
        engine = self._engine
        with translated(self._place, "opened"):
            if engine.dialect.name == "sqlite" and engine.url.database:
                self._make_folder(Path(engine.url.database))
            with engine.connect() as connection:
                laid_out = self._is_laid_out(connection)
            if not laid_out:
                with engine.execution_options(**{WRITES: True}).begin() as connection:
                    self._lay_out(connection)
        return engine

    def _make_folder(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{path.parent} cannot be made: {error.strerror}") from error

    def _is_laid_out(self, connection: Connection) -> bool:
        state = self._tables.tables[STATE]
        if not inspect(connection).has_table(STATE):
            return False
        return connection.scalars(select(state.c.layout)).first() == layout(TABLES)

    def _lay_out(self, connection: Connection) -> None:
        """Make the tables; in place of those of another version where nobody sees it half done."""
        if self._is_laid_out(connection):  # another process was quicker
            return
        there = set(inspect(connection).get_table_names())
        if STATE not in there and TABLES[0].name in there and connection.dialect.name != "sqlite":
            raise ConfigError(
                f"{self._place} has a table {TABLES[0].name} of somebody else: "
                "give Tunelake a database of its own"
            )
        if there & self._tables.tables.keys():
            if connection.dialect.name == "mysql":
                raise ConfigError(
                    f"{self._place} has tables of another version of Tunelake: make a new database, set "
                    "TUNELAKE_CATALOGUE_URL to it and run `tunelake publish`"
                )
            self._tables.drop_all(connection)
        self._tables.create_all(connection)
        connection.execute(self._tables.tables[STATE].insert().values(id=1, layout=layout(TABLES), version=0))
