"""Which rows and values of a log have outlived the time they may be kept, as queries. Pure.

A row that was seen again lives on from then, as long as no later row took its place, with the columns that
were seen: a track of which only the name is seen again keeps its name.
"""

from __future__ import annotations

from datetime import datetime

from tunelake.lake.contracts.contract import Column, Contract
from tunelake.lake.history.latest import KEY, bit, literal, name, names

LOGGED, CONFIRMED, GONE, THINNED = "_logged", "_confirmed", "_gone", "_thinned"
"""Relations: the whole log, its confirmations as `coverage.confirmations` has them, the rows that go, and
those that lose the columns of `_less` (a mask like `_absent`)."""


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
    chain = _chain(contract, due(now), "d._absent")
    return f"{chain} SELECT {_keys(contract)} FROM d WHERE NOT EXISTS (SELECT 1 {_again(now)})"  # noqa: S608  (our own SQL)


def thinned(contract: Contract, now: datetime) -> str:
    """Write the query of the rows of a row table of which only some columns were seen again."""
    chain = _chain(contract, due(now), "d._absent")
    less = f"(SELECT bit_and(c.absent) {_again(now)})"
    told = f"SELECT {_keys(contract)}, d._absent, {less} AS _less FROM d"  # noqa: S608  (our own SQL)
    kept = names(identity(contract))
    return f"{chain} SELECT {kept}, _less FROM ({told}) WHERE _less & ~_absent <> 0"  # noqa: S608  (our own SQL)


def worn(contract: Contract, column: Column, now: datetime) -> str:
    """Write the query of the rows whose value of a column may not be kept, by their `identity`."""
    at = f"TIMESTAMPTZ {literal(now.isoformat())} - INTERVAL {column.expires_days} DAY"
    told = f"{name(column.name)} IS NOT NULL AND observed_at <= {at}"
    mask = bit(contract, column)
    chain = _chain(contract, told, f"~{mask}::BIGINT")
    seen = f"c.seen_at > {at}" + ("" if contract.is_set else f" AND c.absent & {mask} = 0")
    again = f"SELECT 1 FROM {CONFIRMED} AS c WHERE {_NEXT} AND {seen}"  # noqa: S608  (our own SQL)
    return f"{chain} SELECT {_keys(contract)} FROM d WHERE NOT EXISTS ({again})"  # noqa: S608  (our own SQL)


# A confirmation of a row before another took its place.
_NEXT = f"c.{KEY} = d.{KEY} AND c.seen_at > d.observed_at AND (d._until IS NULL OR c.seen_at < d._until)"


def _again(now: datetime) -> str:
    """Write from where a row is known to have been seen again, not too long ago."""
    at = f"TIMESTAMPTZ {literal(now.isoformat())}"
    alive = f"(c.keep_s IS NULL OR c.seen_at + c.keep_s * INTERVAL 1 SECOND > {at})"
    return f"FROM {CONFIRMED} AS c WHERE {_NEXT} AND {alive}"


def _keys(contract: Contract) -> str:
    return ", ".join(f"d.{one}" for one in identity(contract))


def _chain(contract: Contract, condition: str, missing: str) -> str:
    """Write the start of a query: `d`, the rows of a condition with the time another took their place.

    Args:
        contract: The table.
        condition: Which rows.
        missing: The mask of columns that need not be in the row that takes the place.
    """
    mine = [*identity(contract), *([] if contract.is_set else ["_absent"])]
    unit, replaces = ("_whole", "l._whole")
    if not contract.is_set:
        unit, replaces = ("_absent", f"l._absent & ~({missing}) = 0")
    return f"""
WITH due AS MATERIALIZED (SELECT DISTINCT {names(mine)} FROM {LOGGED} WHERE {condition}),
near AS MATERIALIZED (
  SELECT DISTINCT {KEY}, observed_at, {unit} FROM {LOGGED} SEMI JOIN due USING ({KEY})
), d AS (
  SELECT {", ".join(f"d.{one}" for one in mine)}, min(l.observed_at) AS _until
  FROM due AS d LEFT JOIN near AS l
    ON l.{KEY} = d.{KEY} AND l.observed_at > d.observed_at AND {replaces}
  GROUP BY ALL
)"""  # noqa: S608  (our own SQL)


def remaining(contract: Contract) -> str:
    """Write the query of the log without the rows and the values that go, sorted by key.

    A value that goes leaves its row as if the answer had not had it, with another hash: told again, it
    is news.
    """
    keys = names(identity(contract))
    kept = f"SELECT * FROM {LOGGED} ANTI JOIN {GONE} USING ({keys})"  # noqa: S608  (our own SQL)
    fade = {column.name: f"coalesce({name(_mark(column))}, false)" for column in fading(contract)}
    joins = "".join(f" LEFT JOIN {name(faded(column))} USING ({keys})" for column in fading(contract))
    lost = {name: [condition] for name, condition in fade.items()}
    if not contract.is_set:
        joins += f" LEFT JOIN {THINNED} USING ({keys})"
        for column in contract.columns:
            if column.name not in contract.identity:
                mask = bit(contract, column)
                lost.setdefault(column.name, []).append(f"coalesce(_less, 0) & ~_absent & {mask} <> 0")
    if not lost:
        return f"{kept} ORDER BY {KEY}"
    goes = {column: " OR ".join(conditions) for column, conditions in lost.items()}
    replaced = [f"CASE WHEN {it} THEN NULL ELSE {name(of)} END AS {name(of)}" for of, it in goes.items()]
    replaced.append(f"CASE WHEN {' OR '.join(goes.values())} THEN -1 - abs(_hash) ELSE _hash END AS _hash")
    if not contract.is_set:
        bits = [
            f"(CASE WHEN {goes[column.name]} THEN {bit(contract, column)} ELSE 0 END)"
            for column in contract.columns
            if column.name in goes
        ]
        replaced.append(f"_absent | {' | '.join(bits)} AS _absent")
    return f"SELECT * REPLACE ({', '.join(replaced)}) FROM ({kept}) AS kept{joins} ORDER BY {KEY}"  # noqa: S608


def marked(contract: Contract, column: Column, now: datetime) -> str:
    """Write the query of `faded(column)`: the rows of `worn`, each with a mark."""
    return f"SELECT *, true AS {name(_mark(column))} FROM ({worn(contract, column, now)})"  # noqa: S608  (ours)


def _mark(column: Column) -> str:
    return f"_fades_{column.name}"
