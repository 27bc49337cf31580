"""What a batch of rows adds to a log, as queries: rows and sets that say nothing new are dropped. Pure.

The relations are `batch` (the contract's public columns, the private ones known so far and `_i`, the
place of the row in the batch) and a log, given as SQL.
"""

from __future__ import annotations

from tunelake.lake.contract import Contract
from tunelake.lake.latest import bit, literal, name, names


def key_hash(contract: Contract) -> str:
    """Return SQL for `_key`; the hash is the same on every machine and version."""
    return f"md5_number_lower(concat_ws(chr(31), {names(contract.identity)}))::BIT::BIGINT"


def keys(contract: Contract) -> str:
    """Write the query of `_key` of each row of the batch, in order."""
    return f"SELECT {key_hash(contract)} AS _key FROM batch"  # noqa: S608  (quoted names)


def contested(log: str) -> str:
    """Write the query of the batch's rows whose key is in the log or twice in the batch."""
    return f"""
SELECT _i FROM (SELECT _i, _key, count(*) OVER (PARTITION BY _key) AS _times FROM batch) AS counted
WHERE _times > 1 OR _key IN (SELECT _key FROM ({log}) AS logged)"""  # noqa: S608  (our own SQL)


def unchanged_rows(contract: Contract, log: str) -> str:
    """Write the query of those rows of `contested` that add nothing to what was known before them.

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
    SELECT {columns}, -1 AS _i FROM ({log}) AS logged WHERE _key IN (SELECT _key FROM contested)
    UNION ALL
    SELECT {columns}, _i FROM contested
  ) AS together
  WINDOW earlier AS (PARTITION BY {key} ORDER BY observed_at, page_id, _row, _i)
) AS placed
WHERE _i >= 0 AND {" AND ".join(same)}"""  # noqa: S608  (quoted names)


def _seen(contract: Contract) -> str:
    """Return SQL for what tells observations of one time apart: the page, unless sets span pages."""
    return literal("") if contract.paged else "page_id"


def new_sets(contract: Contract, log: str) -> str:
    """Write the query of the rows of the sets in the batch that say something new, ready for the log.

    An observation is dropped when it is whole and the one before it is whole and equal; and so are
    rows of a page that is in the log already.
    """
    owner, unit = names(contract.identity), f"{names(contract.identity)}, observed_at, _seen"
    element = names(contract.element)
    inside = [column.name for column in contract.columns if column.name not in contract.identity]
    text = ", ".join(f"coalesce({name(column)}::VARCHAR, chr(29))" for column in inside)
    order = ", ".join(map(name, [*contract.element, *inside]))
    return f"""
WITH given AS (
  SELECT *, {key_hash(contract)} AS _key, {_seen(contract)} AS _seen FROM batch
), known AS (
  SELECT * FROM ({log}) AS logged WHERE _key IN (SELECT _key FROM given)
), single AS (
  SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY {unit}, {element} ORDER BY page_id DESC, _i DESC) AS _nth
    FROM given WHERE (_key, page_id) NOT IN (SELECT (_key, page_id) FROM known)
  ) AS numbered WHERE _nth = 1
), units AS (
  SELECT {unit}, _key, bool_or(_whole) AS _is_whole,
    md5_number_lower(string_agg(concat_ws(chr(31), {text}), chr(30) ORDER BY {order}))::BIT::BIGINT
      AS _set_hash
  FROM single GROUP BY {unit}, _key
), before AS (
  SELECT {owner}, observed_at, {_seen(contract)} AS _seen, bool_or(_whole) AS _is_whole,
    max(_hash) FILTER (_whole) AS _set_hash
  FROM known GROUP BY {unit}
), ordered AS (
  SELECT *, lag(_is_whole) OVER steps AS _whole_before,
    lag(_set_hash) OVER steps AS _hash_before
  FROM (
    SELECT {unit}, _is_whole, _set_hash, false AS _fresh, NULL::BIGINT AS _key FROM before
    UNION ALL SELECT {unit}, _is_whole, _set_hash, true, _key FROM units
  ) AS all_units
  WINDOW steps AS (PARTITION BY {owner} ORDER BY observed_at, _seen, _fresh)
), kept AS (
  SELECT {unit}, _key, _is_whole, _set_hash FROM ordered
  WHERE _fresh AND NOT coalesce(_is_whole AND _whole_before AND _set_hash = _hash_before, false)
)
SELECT single.* REPLACE (kept._is_whole AS _whole), kept._set_hash AS _hash
FROM single JOIN kept USING ({unit})
ORDER BY single._key, single._i"""  # noqa: S608  (quoted names)


def since(log: str) -> str:
    """Write the query of where those landed pages are that tell of a time not before $since."""
    return f'''
SELECT segment, "offset", length FROM ({log}) AS logged
WHERE observed_at >= $since ORDER BY segment, "offset"'''  # noqa: S608  (our own SQL)
