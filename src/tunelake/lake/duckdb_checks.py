"""Asks DuckDB whether a promise of a contract holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunelake.errors import Fatal
from tunelake.lake.checks import Check, Finding

if TYPE_CHECKING:
    import duckdb


def find(connection: duckdb.DuckDBPyConnection, check: Check) -> Finding:
    """Test one promise against the views of a lake.

    Raises:
        Fatal: It cannot be asked.
    """
    import duckdb

    try:
        ((count,),) = connection.execute(check.count).fetchall()
        examples = connection.sql(check.some).to_arrow_table().to_pylist() if count else []
    except duckdb.Error as error:
        raise Fatal(f"the check '{check.kind}' of table '{check.table}' cannot be asked: {error}") from error
    return Finding(check=check, offences=int(count), examples=tuple(examples))
