"""A kept state brought up to date with what was added to the log since, as queries. Pure.

Most keys are told one thing, all of it, and later than what is kept: that is their new state as it is. The
others are mixed. Where nothing of theirs was told late, the kept row, or the kept elements of a set, stand
for everything before; where it was, the log is looked up. Both go through the one definition of *latest*.

The queries build on each other: each result is a relation with the name given here.
"""

from __future__ import annotations

from tunelake.lake.contracts.contract import Contract, public
from tunelake.lake.history.latest import KEY, log, names, observation, state

ADDED, MET, MIXED, OLD, MENDED = "_added", "_met", "_mixed", "_old", "_mended"


def met(kept: str) -> str:
    """Write the query of the kept rows of keys that were told again; all that is read of the others."""
    return f"SELECT kept.rowid AS _at, {KEY}, observed_at FROM {kept} AS kept SEMI JOIN {ADDED} USING ({KEY})"  # noqa: S608


def mixed(contract: Contract) -> str:
    """Write the query of the mixed keys of what was added, and of each whether it was told late."""
    if contract.is_set:
        told = observation(contract)
        is_mixed = f"min({told}) <> max({told}) OR NOT bool_or(_whole)"
    else:
        is_mixed = f"count(*) > 1 OR bit_or(_absent & {(1 << len(contract.columns)) - 1}) <> 0"
    return f"""
SELECT {KEY}, coalesce(_first <= _last, false) AS _is_late FROM (
  SELECT {KEY}, min(observed_at) AS _first, {is_mixed} AS _is_mixed
  FROM {ADDED} GROUP BY {KEY}
) AS news LEFT JOIN (
  SELECT {KEY}, max(observed_at) AS _last FROM {MET} GROUP BY {KEY}
) AS olds USING ({KEY})
WHERE _is_mixed OR _first <= _last"""  # noqa: S608  (our own SQL)


def old(kept: str) -> str:
    """Write the query of what is kept of the mixed keys."""
    places = f"SELECT _at FROM {MET} SEMI JOIN {MIXED} USING ({KEY})"  # noqa: S608  (our own SQL)
    return f"SELECT * FROM {kept} WHERE rowid IN ({places})"  # noqa: S608  (our own SQL)


def plain(contract: Contract) -> str:
    """Write the query of the new state of the keys that are not mixed."""
    return f"SELECT {_columns(contract)} FROM {ADDED} ANTI JOIN {MIXED} USING ({KEY})"  # noqa: S608  (our own SQL)


def mended(contract: Contract, files: list[str]) -> str:
    """Write the query of the new state of the mixed keys.

    Args:
        contract: The table.
        files: The whole log, what was added included; none when no key was told something late.
    """
    late = f"(SELECT {KEY} FROM {MIXED} WHERE _is_late)"  # noqa: S608  (our own SQL)
    known = f"SELECT {_as_logged(contract)} FROM {OLD}"  # noqa: S608  (our own SQL)
    told = f"SELECT * FROM {ADDED} SEMI JOIN {MIXED} USING ({KEY})"  # noqa: S608  (our own SQL)
    together = f"({known} UNION ALL BY NAME {told})"
    if files:
        logged = f"({log(contract, files)})"
        together = f"""(
SELECT * FROM {together} AS known ANTI JOIN {late} AS late USING ({KEY})
UNION ALL BY NAME SELECT * FROM {logged} AS logged SEMI JOIN {late} AS late USING ({KEY}))"""  # noqa: S608  (our own SQL)
    return state(contract, together)


def _columns(contract: Contract) -> str:
    return names([KEY, *(column.name for column in public(contract))])


def _as_logged(contract: Contract) -> str:
    """Write the columns of kept rows as if they were rows of the log, before all that was added.

    Kept elements are no whole set: a newer incomplete reading adds to them, a whole one takes their place.
    """
    private = "false AS _whole" if contract.is_set else "0::BIGINT AS _absent, (-1)::INTEGER AS _row"
    return f"{_columns(contract)}, {private}, 0::BIGINT AS _hash"
