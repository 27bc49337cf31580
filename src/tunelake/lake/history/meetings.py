"""Which rows of a batch meet others of their key, so that they may say nothing new. Pure.

Rows come sorted by `_key`, those of one key in the order of time: what meets stands side by side.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tunelake.lake.rows.typed import ABSENT, PAGE

NUMBER = "_number"
"""Column of the place of a row among all of the batch."""


def without_repeated(rows: pa.Table, known: pa.Array) -> pa.Table:
    """Leave out rows that equal the row before them.

    Args:
        rows: With `_key` and `_hash`.
        known: Keys that the log has: an observation there may stand between two equal rows.
    """
    key = rows.column("_key").combine_chunks()
    repeated = pc.and_(_as_before(key), _as_before(rows.column("_hash").combine_chunks()))
    if len(known):
        repeated = pc.and_not(repeated, pc.is_in(key, value_set=known))
    return rows.filter(pc.invert(repeated)) if pc.any(repeated).as_py() else rows


def met(rows: pa.Table, known: pa.Array, *, by_page: bool) -> pa.Array:
    """Tell of each row whether its key is in the log, or in another row.

    Args:
        rows: With `_key` and `_page`.
        known: Keys that the log has.
        by_page: Rows of one page do not meet each other: they are one set.
    """
    key = rows.column("_key").combine_chunks()
    meets = _as_before(key)
    if by_page:
        meets = pc.and_not(meets, _as_before(rows.column(PAGE).combine_chunks()))
    keys = pa.concat_arrays([known.cast(pa.int64()), key.filter(meets)])
    return pc.is_in(key, value_set=keys)


def confirmed(rows: pa.Table, known: pa.Array, kept: pa.ChunkedArray) -> pa.Table:
    """Return all rows of those pages that had rows of known keys which were left out.

    Args:
        rows: All rows of the batch, with `_key`, `_page`, `_number`, and in row tables `_absent`.
        known: Keys that the log has.
        kept: Numbers of the rows that add something.
    """
    chosen = [name for name in ("_key", PAGE, ABSENT) if name in rows.column_names]
    if not len(known):
        return rows.slice(0, 0).select(chosen)
    again = pc.and_not(
        pc.is_in(rows.column("_key"), value_set=known), pc.is_in(rows.column(NUMBER), value_set=kept)
    )
    pages = pc.unique(rows.column(PAGE).filter(again))
    return rows.filter(pc.is_in(rows.column(PAGE), value_set=pages)).select(chosen)


def _as_before(values: pa.Array) -> pa.Array:
    """Tell of each value whether it equals the one before it."""
    if not len(values):
        return pa.array([], pa.bool_())
    return pa.concat_arrays([pa.array([False]), pc.equal(values[1:], values[:-1])])
