"""The current state of a table in files: a base at one version of the log, and what was added since. Pure.

Never the truth: a base is made anew from the log, and one of another log is not used.
"""

from __future__ import annotations

import msgspec

from tunelake.lake.contracts.contract import Contract, public
from tunelake.lake.history.latest import KEY, literal, names, state, visible

SHARDS = 16
"""Files of a base, by ranges of the key: as many tasks of a cluster can read it."""
SHARD = "_shard"
LEAST_ROWS = 100_000
"""Rows of a log below which a base would save nothing."""


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """A kept state.

    Attributes:
        version: The version of the log it stands for.
        rows: How many it has.
        files: Where it is, in the order of the key.
        columns: What it has.
    """

    version: int
    rows: int
    files: list[str]
    columns: tuple[str, ...]


def columns(contract: Contract) -> tuple[str, ...]:
    """List the columns of a base: the hash of the key, and what people see."""
    return (KEY, *(column.name for column in public(contract)))


def is_due(logged: int, base: Base | None, pending: int | None) -> bool:
    """Tell whether a base is to be made anew.

    It is when as many rows were added since as it has: its rows take about the bytes of those of the log, so
    that over time it costs no more than the log itself.

    Args:
        logged: Rows of the log.
        base: The one there is.
        pending: Rows that were added to the log since; None when it is of another log.
    """
    if logged < LEAST_ROWS:
        return False
    return base is None or pending is None or pending >= base.rows


def sharded(contract: Contract, kept: str) -> str:
    """Write the query of the rows of a base, in the order of the key, each with its range of keys."""
    # Keys have 63 bits: the highest four name the range.
    shard = f"printf('%02d', {KEY} >> 59) AS {SHARD}"
    return f"SELECT {names(columns(contract))}, {shard} FROM {kept} ORDER BY {KEY}"  # noqa: S608  (quoted names)


def read(contract: Contract, base: Base) -> str:
    """Write the query of a base."""
    listed = ", ".join(map(literal, base.files))
    return f"SELECT {names(columns(contract))} FROM read_parquet([{listed}], hive_partitioning = false)"  # noqa: S608


def current(contract: Contract, base: Base, pending: str | None, log: str) -> str:
    """Write the query of the current state: the base, and the keys told since from the whole of their log.

    Args:
        contract: The table.
        base: A base.
        pending: What was added to the log since, in SQL and parentheses; None: nothing.
        log: The log in SQL, in parentheses.
    """
    kept = f"({read(contract, base)})"
    if pending is None:
        return visible(contract, kept)
    told = f"(SELECT DISTINCT {KEY} FROM {pending} AS pending)"  # noqa: S608  (our own SQL)
    known = f"(SELECT * FROM {kept} AS base ANTI JOIN {told} AS told USING ({KEY}))"  # noqa: S608  (our own SQL)
    news = f"(SELECT * FROM {log} AS logged SEMI JOIN {told} AS told USING ({KEY}))"  # noqa: S608  (our own SQL)
    return f"{visible(contract, known)} UNION ALL {visible(contract, f'({state(contract, news)})')}"
