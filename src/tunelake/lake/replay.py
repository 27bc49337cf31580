"""Rebuilds the tables from the kept answers, with no request, and tells where they differ from what is there.

The answers are landed once more, into tables aside; rows whose answer is no longer kept are carried over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from tunelake.domain.rows import Reader
from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.history import canon
from tunelake.lake.history.latest import log
from tunelake.lake.home import Home
from tunelake.lake.lander import Lander, LandReport
from tunelake.lake.landing.redaction import erased
from tunelake.lake.landing.sealed import SealedLog, Until
from tunelake.lake.rows.batch import RAW_PAGES
from tunelake.lake.tables.delta_tables import DeltaTables

if TYPE_CHECKING:
    import duckdb


class TableReplay(msgspec.Struct, frozen=True, kw_only=True):
    """What replaying one table found.

    Attributes:
        rows: Rows of its log that said something new.
        rebuilt: The same of the rebuilt log.
        covered: Rows whose answer is kept, so that they could be rebuilt; the others were carried over.
        missing: Rows of the table that the rebuilt one does not have.
        added: Rows that only the rebuilt one has.
        content: Hash of the rebuilt content, 16 hex digits; order and time of landing do not matter.
        example: One row that differs, as text; empty when none does.
    """

    rows: int
    rebuilt: int
    covered: int
    missing: int
    added: int
    content: str
    example: str = ""

    @property
    def differs(self) -> bool:
        """True when the table is not what its answers say."""
        return bool(self.missing or self.added)


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did.

    Attributes:
        pages: Answers that were read again.
        tables: What was found, by table.
        share: Share of all rows that could be rebuilt from kept answers, 0-1.
        written: Tables that were replaced; none when it only checked.
        damages: Parts of the landing log that could not be read.
        seconds: The whole run.
    """

    pages: int
    tables: dict[str, TableReplay]
    share: float
    written: tuple[str, ...]
    damages: tuple[str, ...]
    seconds: float

    @property
    def differing(self) -> list[str]:
        """Tables that are not what their answers say."""
        return [name for name, found in self.tables.items() if found.differs]


def replay(
    home: Home,
    landing: SealedLog,
    connection: duckdb.DuckDBPyConnection,
    reader: Reader,
    *,
    expire: Mapping[str, timedelta],
    round_bytes: int,
    only: Collection[str] = (),
    check: bool = False,
    progress: Callable[[LandReport], None] | None = None,
) -> ReplayReport:
    """Rebuild tables; the caller holds the lander's lock and has landed everything.

    Args:
        home: The home.
        landing: Its landing log.
        connection: DuckDB in memory.
        reader: Turns pages into rows.
        expire: How long rows may be kept, by rights tag.
        round_bytes: Bytes of bodies that are landed in one round.
        only: The tables to rebuild; none named: all.
        check: Compare and write nothing.
        progress: Is told how far the reading is.

    Raises:
        Fatal: A table cannot be read or written; each table is as it was, or rebuilt.
    """
    start = time.monotonic()
    tables = DeltaTables(home.tables)
    kept = Until(landing, tables.position(RAW_PAGES), without=lambda stored: erased(stored.body_hash))
    found: dict[str, TableReplay] = {}
    written: list[str] = []
    with aside(home) as again:
        lander = Lander(kept, again, reader, connection, expire=expire, round_bytes=round_bytes)
        landed = lander.land(progress)
        for name, contract in load().items():
            if (only and name not in only) or not (tables.files(name) or again.files(name)):
                continue
            rebuild(connection, contract, tables.files(name), again)
            found[name] = _compare(connection, contract)
            if found[name].differs and not check:
                tables.rewrite(contract, connection.sql("FROM rebuilt ORDER BY _key"))
                written.append(name)
    rows = sum(one.rows for one in found.values())
    return ReplayReport(
        pages=landed.pages,
        tables=found,
        share=sum(one.covered for one in found.values()) / rows if rows else 1.0,
        written=tuple(written),
        damages=tuple(landed.damages),
        seconds=time.monotonic() - start,
    )


@contextmanager
def aside(home: Home) -> Iterator[DeltaTables]:
    """Give empty tables beside those of a home; in the end they are gone."""
    home.replay.clear()
    try:
        yield DeltaTables(home.replay)
    finally:
        home.replay.clear()


def rebuild(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[str], again: DeltaTables
) -> None:
    """Make `kept` (a table as it is) and `rebuilt` (as the kept answers have it), both canonical.

    `rebuilt` has the rows of the table whose answers are no longer kept, too; `pages` is the index of those
    that are.

    Args:
        connection: Where the relations are made.
        contract: The table.
        files: Files that hold its log.
        again: The tables into which the kept answers were landed once more.
    """
    old, new = log(contract, files), log(contract, again.files(contract.table))
    pages = log(load()[RAW_PAGES], again.files(RAW_PAGES))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW pages AS {pages}")
    _canonical(connection, contract, "kept", old)
    _canonical(connection, contract, "rebuilt", canon.carried(old, new, "FROM pages"))


def _compare(connection: duckdb.DuckDBPyConnection, contract: Contract) -> TableReplay:
    columns = canon.content(contract)
    missing, added = (f"SELECT {columns} FROM {a} EXCEPT ALL SELECT {columns} FROM {b}" for a, b in _BOTH)  # noqa: S608
    covered = "SELECT count(*) FROM kept WHERE page_id IN (SELECT page_id FROM pages)"
    example = connection.sql(f"FROM ({missing}) UNION ALL BY NAME FROM ({added}) LIMIT 1").to_arrow_table()
    return TableReplay(
        rows=_number(connection, "SELECT count(*) FROM kept"),
        rebuilt=_number(connection, "SELECT count(*) FROM rebuilt"),
        covered=_number(connection, covered),
        missing=_number(connection, f"SELECT count(*) FROM ({missing}) AS missing"),  # noqa: S608
        added=_number(connection, f"SELECT count(*) FROM ({added}) AS added"),  # noqa: S608
        content=str(_value(connection, canon.content_hash(contract, "rebuilt"))),
        example="".join(map(str, example.to_pylist())),
    )


_BOTH = (("kept", "rebuilt"), ("rebuilt", "kept"))


def _canonical(connection: duckdb.DuckDBPyConnection, contract: Contract, name: str, source: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE batch AS {canon.numbered(source)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {canon.canonical(contract)}")
    connection.execute("DROP TABLE batch")


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    ((value,),) = connection.execute(query).fetchall()
    return value


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(str(_value(connection, query)))
