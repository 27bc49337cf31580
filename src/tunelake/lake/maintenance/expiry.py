"""Which rows and values of a log have outlived the time they may be kept, as queries. Pure.

A row that was seen again lives on from then, as long as no later row took its place; what was seen without
one of its columns does not count for it.
"""

from __future__ import annotations

from datetime import datetime

from tunelake.lake.contract import Column, Contract
from tunelake.lake.latest import KEY, bit, literal, name, names

LOGGED, CONFIRMED, GONE = "_logged", "_confirmed", "_gone"
"""Relations: the whole log, its confirmations as `coverage.confirmations` has them, the rows that go."""


def identity(contract: Contract) -> tuple[str, ...]:
    """Name the columns that tell one row of a log from the others."""
    return (KEY, "_hash", "observed_at", "page_id", *([] if contract.is_set else ["_row"]))


def fading(contract: Contract) -> list[Column]:
    """List the columns whose values may be kept for some days only."""
    return [column for column in contract.columns if column.expires_days is not None]


def faded(column: Column) -> str:
    """Name the relation of the rows whose value of a column goes."""
    return f"_faded_{column.name}"


def due(now: datetime) -> str:
    """Write the condition of the rows that go unless they were seen again."""
    return f"expires_at <= TIMESTAMPTZ {literal(now.isoformat())}"


def gone(contract: Contract, now: datetime) -> str:
    """Write the query of the rows that may not be kept any longer, by their `identity`."""
    at = f"TIMESTAMPTZ {literal(now.isoformat())}"
    alive = f"(c.keep_s IS NULL OR c.seen_at + c.keep_s * INTERVAL 1 SECOND > {at})"
    return _outlived(contract, due(now), alive, "d._absent")


def worn(contract: Contract, column: Column, now: datetime) -> str:
    """Write the query of the rows whose value of a column may not be kept, by their `identity`."""
    at = f"TIMESTAMPTZ {literal(now.isoformat())} - INTERVAL {column.expires_days} DAY"
    told = f"{name(column.name)} IS NOT NULL AND observed_at <= {at}"
    missing = "" if contract.is_set else f"~{bit(contract, column)}::BIGINT"
    return _outlived(contract, told, f"c.seen_at > {at}", missing)


def _outlived(contract: Contract, condition: str, alive: str, missing: str) -> str:
    """Write the query of due rows that nothing keeps alive.

    Args:
        contract: The table.
        condition: Which rows are due.
        alive: Condition of a confirmation `c` that keeps a row.
        missing: The mask of columns that need not be there, in a later row or in what was seen.
    """
    keys = ", ".join(f"d.{one}" for one in identity(contract))
    covers = "true" if contract.is_set else f"c.absent & ~({missing}) = 0"
    replaces = "l._whole" if contract.is_set else f"l._absent & ~({missing}) = 0"
    absent = "" if contract.is_set else ", _absent"
    mine = names(identity(contract)) + absent
    return f"""
WITH due AS MATERIALIZED (SELECT DISTINCT {mine} FROM {LOGGED} WHERE {condition}),
near AS MATERIALIZED (
  SELECT DISTINCT {KEY}, observed_at{absent or ", _whole"} FROM {LOGGED} SEMI JOIN due USING ({KEY})
), d AS (
  SELECT {", ".join(f"d.{one.strip()}" for one in mine.split(","))}, min(l.observed_at) AS _until
  FROM due AS d LEFT JOIN near AS l
    ON l.{KEY} = d.{KEY} AND l.observed_at > d.observed_at AND {replaces}
  GROUP BY ALL
)
SELECT {keys} FROM d WHERE NOT EXISTS (
  SELECT 1 FROM {CONFIRMED} AS c
  WHERE c.{KEY} = d.{KEY} AND c.seen_at > d.observed_at AND (d._until IS NULL OR c.seen_at < d._until)
    AND {alive} AND {covers}
)"""  # noqa: S608  (our own SQL)


def remaining(contract: Contract) -> str:
    """Write the query of the log without the rows and the values that go, sorted by key.

    A value that goes leaves its row as if the answer had not had it, with another hash: told again, it
    is news.
    """
    keys = names(identity(contract))
    columns = fading(contract)
    joins = "".join(f" LEFT JOIN {name(faded(column))} USING ({keys})" for column in columns)
    replaced = [
        f"CASE WHEN {name(_mark(column))} THEN NULL ELSE {name(column.name)} END AS {name(column.name)}"
        for column in columns
    ]
    if columns:
        marks = [f"coalesce({name(_mark(column))}, false)" for column in columns]
        replaced.append(f"CASE WHEN {' OR '.join(marks)} THEN -1 - abs(_hash) ELSE _hash END AS _hash")
        if not contract.is_set:
            bits = [
                f"CASE WHEN {name(_mark(column))} THEN {bit(contract, column)} ELSE 0 END"
                for column in columns
            ]
            replaced.append(f"_absent | {' | '.join(f'({one})' for one in bits)} AS _absent")
    chosen = f"* REPLACE ({', '.join(replaced)})" if columns else "*"
    kept = f"SELECT * FROM {LOGGED} ANTI JOIN {GONE} USING ({keys})"  # noqa: S608  (our own SQL)
    return f"SELECT {chosen} FROM ({kept}) AS kept{joins} ORDER BY {KEY}"  # noqa: S608  (our own SQL)


def marked(contract: Contract, column: Column, now: datetime) -> str:
    """Write the query of `faded(column)`: the rows of `worn`, each with a mark."""
    return f"SELECT *, true AS {name(_mark(column))} FROM ({worn(contract, column, now)})"  # noqa: S608  (ours)


def _mark(column: Column) -> str:
    return f"_fades_{column.name}"
