"""Scan coverage: what was seen again and said nothing new, as one row a round and table. Pure.

A page is told by the set of keys it had: the same request mostly has the same set, so that later rows only
name sets that are known. A row of the log that was seen again lives on as if it had been told then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tunelake.lake.contracts.contract import Contract
from tunelake.lake.history.latest import KEY, literal, name, names
from tunelake.lake.rows.typed import ABSENT, PAGE

_TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        # How long what was seen may be kept after it was; null: it may stay.
        ("keep_s", pa.int64()),
        # Columns that the pages did not have, as in the log.
        ("absent", pa.int64()),
        ("sets", pa.list_(pa.int64())),
        ("seen_at", pa.list_(_TIME)),
        ("new_sets", pa.list_(pa.int64())),
        ("new_keys", pa.list_(pa.list_(pa.int64()))),
    ]
)


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one page that was seen, those that had the same columns.

    Attributes:
        number: Names the set; equal sets have equal numbers.
        keys: The set, in order.
        absent: Columns they did not have.
        seen_at: When it was.
        keep: How long what it had may be kept; None when it may stay.
    """

    number: int
    keys: tuple[int, ...]
    absent: int
    seen_at: datetime
    keep: timedelta | None


def scans(table: str, confirmed: pa.Table, system: pa.Table, pages: int) -> list[Scan]:
    """Tell what the pages of a round saw again.

    Args:
        table: The table.
        confirmed: All rows of the pages that had known rows without news: `_key`, `_page`, in row tables
            `_absent`.
        system: `observed_at` and `expires_at` of each page.
        pages: The round's own pages; those after them were landed before.
    """
    found: list[Scan] = []
    told = confirmed.filter(pc.less(confirmed.column(PAGE), pages))
    by = [column for column in (PAGE, ABSENT) if column in told.column_names]
    groups = told.group_by(by).aggregate([(KEY, "distinct")])
    for row in groups.sort_by([(column, "ascending") for column in by]).to_pylist():
        keys = tuple(sorted(row[f"{KEY}_distinct"]))
        at, end = (system.column(column)[row[PAGE]].as_py() for column in ("observed_at", "expires_at"))
        found.append(
            Scan(
                number=_number(table, keys),
                keys=keys,
                absent=row.get(ABSENT, 0),
                seen_at=at,
                keep=None if end is None else end - at,
            )
        )
    return found


def _number(table: str, keys: tuple[int, ...]) -> int:
    told = table.encode() + b"".join(key.to_bytes(8, "little") for key in keys)
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "little") >> 1


def rows(found: dict[str, list[Scan]], known: Collection[int]) -> pa.Table:
    """Write scans as rows, one for all pages of a table that had the same columns and may be kept as long.

    Args:
        found: The scans by table.
        known: Numbers of sets whose keys are written already.
    """
    written = set(known)
    grouped: dict[tuple[str, timedelta | None, int], dict[str, Any]] = {}
    for table, pages in found.items():
        for scan in pages:
            row = grouped.setdefault(
                (table, scan.keep, scan.absent), {"sets": [], "seen_at": [], "new_sets": [], "new_keys": []}
            )
            row["sets"].append(scan.number)
            row["seen_at"].append(scan.seen_at)
            if scan.number not in written:
                written.add(scan.number)
                row["new_sets"].append(scan.number)
                row["new_keys"].append(scan.keys)
    told = [
        {"table": table, "keep_s": None if keep is None else round(keep.total_seconds()), "absent": absent}
        | row
        for (table, keep, absent), row in grouped.items()
    ]
    return pa.Table.from_pylist(told, schema=SCHEMA)


def condensed(told: pa.Table, lives: Callable[[str, int], bool], now: datetime | None = None) -> pa.Table:
    """Write rows of coverage anew: without keys that are gone, and of what is too old to keep a row the last.

    Args:
        told: All rows of coverage.
        lives: Tells of a table whether it still has a key.
        now: The present (aware); None: nothing is too old.
    """
    scans: dict[str, list[Scan]] = {}
    last: dict[tuple[str, int, int], Scan] = {}
    written = told.to_pylist()
    members = {
        number: tuple(key for key in keys if lives(row["table"], key))
        for row in written
        for number, keys in zip(row["new_sets"], row["new_keys"], strict=True)
    }
    for row in written:
        keep = None if row["keep_s"] is None else timedelta(seconds=row["keep_s"])
        for number, seen_at in zip(row["sets"], row["seen_at"], strict=True):
            keys = members.get(number, ())
            if not keys:
                continue
            table = row["table"]
            # A set that became smaller is another one.
            number = _number(table, keys)  # noqa: PLW2901  (the old one is of no use any more)
            scan = Scan(number=number, keys=keys, absent=row["absent"], seen_at=seen_at, keep=keep)
            if now is None or keep is None or seen_at + keep > now:
                scans.setdefault(table, []).append(scan)
            elif (found := last.get((table, number, scan.absent))) is None or found.seen_at < seen_at:
                last[table, number, scan.absent] = scan
    for (table, _, _), scan in last.items():
        scans.setdefault(table, []).append(scan)
    return rows(scans, ())


def log(files: list[str]) -> str:
    """Write the query of all rows of coverage."""
    if not files:
        empty = {"table": "VARCHAR", "keep_s": "BIGINT", "absent": "BIGINT"}
        empty |= {"sets": "BIGINT[]", "seen_at": "TIMESTAMPTZ[]"}
        empty |= {"new_sets": "BIGINT[]", "new_keys": "BIGINT[][]"}
        nothing = ", ".join(f"NULL::{kind} AS {name(column)}" for column, kind in empty.items())
        return f"SELECT {nothing} WHERE false"
    listed = ", ".join(map(literal, files))
    return f"SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"  # noqa: S608


def confirmations(table: str, covered: str, until: datetime | None = None) -> str:
    """Write the query of when each key of a table was seen again: `_key`, `absent`, `seen_at`, `keep_s`.

    Args:
        table: The table.
        covered: The rows of coverage in SQL, in parentheses.
        until: Leave out what was seen later (aware).
    """
    at = "" if until is None else f" WHERE seen_at <= TIMESTAMPTZ {literal(until.isoformat())}"
    return f"""
SELECT {KEY}, absent, keep_s, seen_at FROM (
  SELECT absent, keep_s, unnest(sets) AS number, unnest(seen_at) AS seen_at
  FROM {covered} AS covered WHERE "table" = {literal(table)}
) AS seen JOIN (
  SELECT number, unnest(keys) AS {KEY} FROM (
    SELECT DISTINCT ON (number) number, keys FROM (
      SELECT unnest(new_sets) AS number, unnest(new_keys) AS keys
      FROM {covered} AS covered WHERE "table" = {literal(table)}
    ) AS every
  ) AS each_once
) AS members USING (number){at}"""  # noqa: S608  (our own SQL)


def seen(contract: Contract, source: str, confirmed: str) -> str:
    """Write the query of when each key was seen first and last, and until when it may be kept.

    Args:
        contract: The table.
        source: Its log in SQL, in parentheses.
        confirmed: Its confirmations in SQL.
    """
    key = names(contract.identity)
    return f"""
SELECT {key}, first_seen, greatest(last_told, seen_at) AS last_seen,
  CASE WHEN expires_at IS NULL OR (seen_at IS NOT NULL AND until IS NULL) THEN NULL
    ELSE greatest(expires_at, until) END AS expires_at
FROM (
  SELECT {key}, any_value({KEY}) AS {KEY}, min(observed_at) AS first_seen, max(observed_at) AS last_told,
    arg_max_null(expires_at, observed_at) AS expires_at
  FROM {source} AS logged GROUP BY {key}
) AS told LEFT JOIN (
  SELECT {KEY}, max(seen_at) AS seen_at, CASE WHEN bool_or(keep_s IS NULL) THEN NULL
    ELSE max(seen_at + keep_s * INTERVAL 1 SECOND) END AS until
  FROM ({confirmed}) AS confirmed GROUP BY {KEY}
) AS again USING ({KEY})"""  # noqa: S608  (quoted names)
