"""Scan coverage without the keys of what is erased: what was seen again of it is no longer told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunelake.lake import coverage, latest
from tunelake.lake.contract import load
from tunelake.lake.delta_coverage import DeltaCoverage
from tunelake.lake.delta_tables import DeltaTables
from tunelake.lake.erasure import log_rows
from tunelake.lake.home import Home
from tunelake.lake.subjects.subject import Subject

if TYPE_CHECKING:
    import duckdb

_WITHOUT = """
SELECT covered.* REPLACE (
  CASE WHEN gone.keys IS NULL THEN covered.new_keys ELSE list_transform(
    covered.new_keys, lambda keys: list_filter(keys, lambda key: NOT list_contains(gone.keys, key))
  ) END AS new_keys
) FROM ({covered}) AS covered
LEFT JOIN (SELECT "table", list(key) AS keys FROM gone_keys GROUP BY "table") AS gone
  ON gone."table" = covered."table"
"""


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
    connection.execute('CREATE OR REPLACE TEMP TABLE gone_keys ("table" VARCHAR, key BIGINT)')
    for name in found:
        contract = load()[name]
        told = log_rows.owned(contract, subject) if contract.is_set else log_rows.gone(contract, subject)
        log = latest.log(contract, tables.files(name))
        query = f"SELECT DISTINCT $name, _key FROM ({log}) AS logged WHERE {told}"  # noqa: S608  (our own SQL)
        connection.execute(f"INSERT INTO gone_keys {query}", {"name": name})
    ((count,),) = connection.execute("SELECT count(*) FROM gone_keys").fetchall()
    if count:
        rows = connection.sql(_WITHOUT.format(covered=coverage.log(files))).to_arrow_table()
        covered.replace(rows.cast(coverage.SCHEMA))
