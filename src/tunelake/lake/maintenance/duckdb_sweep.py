"""Sweeps what has expired out of the tables and the kept answers; whoever lands waits meanwhile."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.history import coverage, latest
from tunelake.lake.history.delta_coverage import DeltaCoverage
from tunelake.lake.home import Home
from tunelake.lake.landing.landings import RAW
from tunelake.lake.landing.redact_files import redact
from tunelake.lake.landing.segments import base_of
from tunelake.lake.maintenance import expiry
from tunelake.lake.rows.batch import RAW_PAGES
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.lake.tables.duckdb_tables import open_memory

if TYPE_CHECKING:
    import duckdb


class Swept(msgspec.Struct, kw_only=True):
    """What had expired.

    Attributes:
        rows: Rows that went, by table.
        thinned: Rows that lost the columns which were not seen again with the others, by table.
        values: Values that became null, by table and column.
        bodies: Answers that were emptied where they are.
        segments: Files of answers that went as a whole.
    """

    rows: dict[str, int] = {}
    thinned: dict[str, int] = {}
    values: dict[str, int] = {}
    bodies: int = 0
    segments: int = 0

    @property
    def tables(self) -> set[str]:
        """The tables that were written anew."""
        return {name.split(".")[0] for name in (*self.rows, *self.thinned, *self.values)}

    def of(self, table: str) -> int:
        """Count the rows and values of one table."""
        values = (count for name, count in self.values.items() if name.split(".")[0] == table)
        return self.rows.get(table, 0) + self.thinned.get(table, 0) + sum(values)


def unswept(home: Home, table: str) -> Path:
    """Name the note that old files of a table hold expired rows; gone when they are."""
    return home.locks / f"unswept-{table}"


def sweep(home: Home, now: datetime, *, check: bool = False) -> Swept:
    """Take out what has expired; the caller is the only one who lands this home.

    Args:
        home: The home.
        now: The present (aware).
        check: Only count.

    Raises:
        Fatal: A table or an answer could not be written; done again, it goes on.
    """
    swept = Swept()
    tables, covering = DeltaTables(home.tables), DeltaCoverage(home)
    with open_memory(home) as connection:
        covered = f"({coverage.log(covering.files())})"
        # The index of the answers comes last: it is what finds them when this has to be done again.
        for name, contract in sorted(load().items(), key=lambda item: item[0] == RAW_PAGES):
            if _is_due(connection, contract, tables.files(name), now):
                _look(connection, contract, covered, now)
                if _count(connection, contract, swept) and not check:
                    if name == RAW_PAGES:
                        _bodies(home, connection, tables.position(RAW_PAGES), swept)
                    unswept(home, name).touch()
                    tables.rewrite(contract, connection.sql(expiry.remaining(contract)))
        if not check and swept.rows:
            _forget(connection, covering, tables, now)
    return swept


def _is_due(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[str], now: datetime
) -> bool:
    """Make the relation of a table's log; tell whether anything of it may go."""
    if not files:
        return False
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {expiry.LOGGED} AS {latest.log(contract, files)}")
    due = f"FROM {expiry.LOGGED} WHERE {expiry.due(now)}"
    return bool(expiry.fading(contract)) or _number(connection, due) > 0


def _look(connection: duckdb.DuckDBPyConnection, contract: Contract, covered: str, now: datetime) -> None:
    """Make the relations of what goes from a table."""
    run = connection.execute
    again = coverage.confirmations(contract.table, covered)
    run(f"CREATE OR REPLACE TEMP TABLE {expiry.CONFIRMED} AS {again}")
    run(f"CREATE OR REPLACE TEMP TABLE {expiry.GONE} AS {expiry.gone(contract, now)}")
    if not contract.is_set:
        run(f"CREATE OR REPLACE TEMP TABLE {expiry.THINNED} AS {expiry.thinned(contract, now)}")
    for column in expiry.fading(contract):
        marked = expiry.marked(contract, column, now)
        run(f"CREATE OR REPLACE TEMP TABLE {latest.name(expiry.faded(column))} AS {marked}")


def _count(connection: duckdb.DuckDBPyConnection, contract: Contract, swept: Swept) -> int:
    """Add up what goes from a table."""
    keys = latest.names(expiry.identity(contract))
    found = _number(connection, f"FROM {expiry.LOGGED} SEMI JOIN {expiry.GONE} USING ({keys})")
    if found:
        swept.rows[contract.table] = found
    if not contract.is_set and (thinned := _number(connection, f"FROM {expiry.THINNED}")):
        swept.thinned[contract.table] = thinned
        found += thinned
    for column in expiry.fading(contract):
        if values := _number(connection, f"FROM {latest.name(expiry.faded(column))}"):
            swept.values[f"{contract.table}.{column.name}"] = values
            found += values
    return found


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((count,),) = connection.execute(f"SELECT count(*) FROM ({query})").fetchall()  # noqa: S608  (our own SQL)
    return int(count)


def _bodies(home: Home, connection: duckdb.DuckDBPyConnection, landed: int, swept: Swept) -> None:
    """Empty the answers that go, or drop their segment where all of it goes."""
    keys = latest.names(expiry.identity(load()[RAW_PAGES]))
    found = connection.execute(
        f'SELECT segment, "offset", length FROM {expiry.LOGGED} SEMI JOIN {expiry.GONE} USING ({keys})'  # noqa: S608
    ).fetchall()
    stay = f"SELECT DISTINCT segment FROM {expiry.LOGGED} ANTI JOIN {expiry.GONE} USING ({keys})"  # noqa: S608
    staying = {str(segment) for (segment,) in connection.execute(stay).fetchall()}
    place = home.at(RAW)
    sizes = {one.name: one.size for one in place.files()}
    # The last segment tells where the log goes on: it stays.
    last = max((name for name in sizes if base_of(name) is not None), default="")
    whole = {
        str(segment)
        for segment, _, _ in found
        if segment not in staying
        and segment in sizes
        and segment != last
        and (base_of(segment) or 0) + sizes[segment] <= landed
    }
    # Of a lake that is far away, segments go as a whole only.
    here = [
        (str(segment), int(offset), int(length))
        for segment, offset, length in found
        if segment not in whole and (home.landing / segment).exists()
    ]
    swept.bodies = redact(home, here)
    for segment in sorted(whole):
        place.remove(segment)
    swept.segments = len(whole)


def _forget(
    connection: duckdb.DuckDBPyConnection, covering: DeltaCoverage, tables: DeltaTables, now: datetime
) -> None:
    """Drop the coverage of keys that no table has any more."""
    covered = covering.files()
    if not covered:
        return
    rows = connection.sql(coverage.log(covered)).to_arrow_table()
    living: dict[str, set[int]] = {}
    for name in set(rows.column("table").to_pylist()):
        keys = latest.log(load()[name], tables.files(name))
        found = connection.execute(f"SELECT DISTINCT {latest.KEY} FROM ({keys})").fetchall()  # noqa: S608  (ours)
        living[name] = {key for (key,) in found}
    covering.replace(coverage.condensed(rows, lambda table, key: key in living[table], now))
