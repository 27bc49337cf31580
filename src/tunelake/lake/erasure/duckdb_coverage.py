"""Scan coverage without the keys of what is erased: what was seen again of it is no longer told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunelake.lake.contracts.contract import load
from tunelake.lake.erasure import log_rows
from tunelake.lake.history import coverage, latest
from tunelake.lake.history.delta_coverage import DeltaCoverage
from tunelake.lake.home import Home
from tunelake.lake.subjects.subject import Subject
from tunelake.lake.tables.delta_tables import DeltaTables

if TYPE_CHECKING:
    import duckdb


def erase(connection: duckdb.DuckDBPyConnection, home: Home, subject: Subject, found: dict[str, int]) -> None:
    """Take the keys of rows that are to go out of the coverage; to be done before the rows go.

    Args:
        connection: Where `duckdb_rows.prepare` made what is needed.
        home: The home.
        subject: Who.
        found: The tables that have rows of theirs.

    Raises:
        Fatal: It cannot be written; it is as it was.
    """
    covered = DeltaCoverage(home)
    files = covered.files()
    if not files or not found:
        return
    tables = DeltaTables(home.tables)
    gone: dict[str, set[int]] = {}
    for name in found:
        contract = load()[name]
        log = latest.log(contract, tables.files(name))
        query = f"SELECT DISTINCT _key FROM ({log}) AS logged WHERE {log_rows.owned(contract, subject)}"  # noqa: S608  (our own SQL)
        gone[name] = {key for (key,) in connection.execute(query).fetchall()}
    if any(gone.values()):
        rows = connection.sql(coverage.log(files)).to_arrow_table()
        covered.replace(coverage.condensed(rows, lambda table, key: key not in gone.get(table, ())))
