"""Asks DuckDB whether what contracts promise holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunelake.errors import Fatal
from tunelake.lake.tables.checks import Check, Finding, counts

if TYPE_CHECKING:
    import duckdb


def find(connection: duckdb.DuckDBPyConnection, promised: Sequence[Check]) -> list[Finding]:
    """Test promises against the views of a lake.

    Raises:
        Fatal: One cannot be asked.
    """
    import duckdb

    try:
        found = dict(connection.execute(counts(promised)).fetchall())
        return [_finding(connection, check, found[place]) for place, check in enumerate(promised)]
    except duckdb.Error as error:
        raise Fatal(f"a rule of a contract cannot be asked: {error}") from error


def _finding(connection: duckdb.DuckDBPyConnection, check: Check, offences: int) -> Finding:
    examples = connection.sql(check.some).to_arrow_table().to_pylist() if offences else []
    return Finding(check=check, offences=offences, examples=tuple(examples))
