"""What a batch of rows adds to a log, as queries: rows and sets that say nothing new are dropped. Pure.

The relations are `batch` (the contract's public columns, the private ones known so far and `_i`, the
place of the row in the batch) and a log, given as SQL. `_key` groups, and `_hash` covers the key's
columns too, so keys that share a `_key` are never taken for each other.
"""

from __future__ import annotations

from tunelake.lake.contracts.contract import Contract
from tunelake.lake.history.latest import bit, literal, name, names


def hashes(contract: Contract) -> str:
    """Write the query of `_key` and `_hash` of each row of the batch, in order.

    Both are DuckDB's own hashes, ten times as fast as a digest; should another version hash otherwise, what
    is unchanged is kept once more and nothing else happens.
    """
    # Delta knows no unsigned numbers: 63 bits fit.
    key = f"(hash({names(contract.identity)}) >> 1)::BIGINT AS _key"
    return f"SELECT {key}, {row_hash(contract)} AS _hash FROM batch"  # noqa: S608  (quoted names)


def row_hash(contract: Contract) -> str:
    """Write the expression of `_hash`."""
    values = [column for column in contract.names if column not in contract.identity]
    told = names([*contract.identity, *values, *([] if contract.is_set else ["_absent"])])
    return f"(hash({told}) >> 1)::BIGINT"


def known(log: str) -> str:
    """Write the query of the keys of the batch that the log has."""
    return f"SELECT DISTINCT _key FROM ({log}) AS logged WHERE _key IN (SELECT _key FROM batch)"  # noqa: S608  (our own SQL)


def contested(log: str) -> str:
    """Write the query of the rows whose key is not new, and whether each equals the row before it."""
    columns = "_key, _hash, observed_at, page_id, _row"
    return f"""
WITH known AS MATERIALIZED (
  SELECT {columns}, -1 AS _i FROM ({log}) AS logged WHERE _key IN (SELECT _key FROM batch)
), met AS MATERIALIZED (
  SELECT _key FROM known UNION SELECT _key FROM batch GROUP BY _key HAVING count(*) > 1
)
SELECT _i, _same FROM (
  SELECT _i, coalesce(lag(_hash) OVER earlier = _hash, false) AS _same
  FROM (FROM known UNION ALL SELECT {columns}, _i FROM batch SEMI JOIN met USING (_key)) AS together
  WINDOW earlier AS (PARTITION BY _key ORDER BY observed_at, page_id, _row, _i)
) AS placed
WHERE _i >= 0"""  # noqa: S608  (our own SQL)


def unchanged_rows(contract: Contract, log: str) -> str:
    """Write the query of those rows of `batch` that add nothing to what was known before them.

    A row adds nothing when every column it has equals the last value known at its time.
    """
    values = [column for column in contract.columns if column.name not in contract.identity]
    key = names(contract.identity)
    before, same = [], ["_place > 1"]
    for column in values:
        quoted, mask = name(column.name), bit(contract, column)
        known = name(f"_was_{column.name}")
        before.append(
            f"last_value(CASE WHEN _absent & {mask} = 0 THEN struct_pack(v := {quoted}) END IGNORE NULLS) "
            f"OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS {known}"
        )
        same.append(
            f"(_absent & {mask} <> 0 OR ({known} IS NOT NULL AND {known}.v IS NOT DISTINCT FROM {quoted}))"
        )
    order = [extra for extra in ("observed_at", "page_id") if extra not in contract.identity]
    columns = names([*contract.identity, *(c.name for c in values), *order, "_absent", "_row"])
    return f"""
SELECT _i FROM (
  SELECT *, row_number() OVER earlier AS _place, {", ".join(before)}
  FROM (
    SELECT {columns}, -1 AS _i FROM ({log}) AS logged WHERE _key IN (SELECT _key FROM batch)
    UNION ALL
    SELECT {columns}, _i FROM batch
  ) AS together
  WINDOW earlier AS (PARTITION BY {key} ORDER BY observed_at, page_id, _row, _i)
) AS placed
WHERE _i >= 0 AND {" AND ".join(same)}"""  # noqa: S608  (quoted names)


def unchanged_sets(contract: Contract, log: str) -> str:
    """Write the query of the batch's rows whose set says nothing new, or whose page is in the log.

    An observation of a set is dropped when it is whole and the one before it is whole and equal.
    """
    seen = literal("") if contract.paged else "page_id"
    unit = "bool_or(_whole) AS _is_whole, sum(_hash) AS _sum"
    return f"""
WITH known AS MATERIALIZED (
  SELECT _key, _hash, _whole, observed_at, page_id FROM ({log}) AS logged
  WHERE _key IN (SELECT _key FROM batch)
), met AS MATERIALIZED (
  SELECT _key FROM known UNION SELECT _key FROM batch GROUP BY _key HAVING min(page_id) <> max(page_id)
), fresh AS (
  SELECT _i, _key, _hash, _whole, observed_at, page_id FROM batch
  SEMI JOIN met USING (_key) ANTI JOIN known USING (_key, page_id)
), units AS (
  SELECT _key, observed_at, {seen} AS _seen, false AS _is_fresh, {unit} FROM known GROUP BY ALL
  UNION ALL
  SELECT _key, observed_at, {seen} AS _seen, true AS _is_fresh, {unit} FROM fresh GROUP BY ALL
), dropped AS (
  SELECT _key, observed_at, _seen FROM (
    SELECT *, lag(_is_whole) OVER steps AS _was_whole, lag(_sum) OVER steps AS _was FROM units
    WINDOW steps AS (PARTITION BY _key ORDER BY observed_at, _seen, _is_fresh)
  ) AS ordered
  WHERE _is_fresh AND _is_whole AND _was_whole AND _sum = _was
)
SELECT _i FROM fresh JOIN dropped
  ON fresh._key = dropped._key AND fresh.observed_at = dropped.observed_at AND {seen} = dropped._seen
UNION ALL
SELECT _i FROM batch SEMI JOIN known USING (_key, page_id)"""  # noqa: S608  (our own SQL)


def since(log: str) -> str:
    """Write the query of where those landed pages are that tell of a time not before $since."""
    return f'''
SELECT segment, "offset", length FROM ({log}) AS logged
WHERE observed_at >= $since ORDER BY segment, "offset"'''  # noqa: S608  (our own SQL)
