"""The canonical form of a log: what is left when every row that said nothing new in its time is gone. Pure.

Which redundant rows a log holds depends on the order of landing; its canonical form does not. So two logs
of the same answers are compared in this form.
"""

from __future__ import annotations

from tunelake.lake.contracts.contract import Contract, logged
from tunelake.lake.history import news
from tunelake.lake.history.latest import log, names

# They follow from the rest, or from the place of an item in its answer.
_DERIVED = frozenset({"_key", "_hash", "_row"})


def numbered(source: str) -> str:
    """Write the query that `canonical` expects as `batch`: a log in SQL, its rows numbered."""
    return f"SELECT row_number() OVER () - 1 AS _i, * FROM ({source}) AS logged"  # noqa: S608  (our own SQL)


def canonical(contract: Contract) -> str:
    """Write the query of the canonical form of the log that is the relation `batch`."""
    unchanged = news.unchanged_sets if contract.is_set else news.unchanged_rows
    gone = unchanged(contract, log(contract, []))
    return f"SELECT * EXCLUDE (_i) FROM batch ANTI JOIN ({gone}) AS gone USING (_i)"  # noqa: S608  (our own SQL)


def carried(old: str, rebuilt: str, pages: str) -> str:
    """Write the query of a rebuilt log and the rows of the old one whose answers are no longer kept.

    Args:
        old: The log as it is, in SQL.
        rebuilt: The log that was made from the kept answers.
        pages: The index of the kept answers.
    """
    kept = f"SELECT page_id FROM ({pages}) AS kept"  # noqa: S608  (our own SQL)
    return (
        f"SELECT * FROM ({rebuilt}) AS rebuilt UNION ALL BY NAME "  # noqa: S608  (our own SQL)
        f"SELECT * FROM ({old}) AS old WHERE page_id NOT IN ({kept})"
    )


def content(contract: Contract) -> str:
    """List the columns that make the content of a row, quoted, for SQL."""
    return names([column.name for column in logged(contract) if column.name not in _DERIVED])


def content_hash(contract: Contract, relation: str) -> str:
    """Write the query of a hash of a relation's content: 16 hex digits, whatever the order of the rows."""
    parts = ", ".join(
        f"coalesce({part}::VARCHAR, chr(30))"
        for part in (names([column.name]) for column in logged(contract) if column.name not in _DERIVED)
    )
    row = f"md5_number_lower(concat_ws(chr(31), {parts}))::HUGEINT"
    return (
        f"SELECT format('{{:016x}}', (coalesce(sum({row}), 0) % 18446744073709551616)::UBIGINT) "  # noqa: S608
        f"FROM {relation}"
    )
