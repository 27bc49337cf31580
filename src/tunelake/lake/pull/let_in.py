"""Rows of a person's database without those that tell of what was erased and may not come back. Pure."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from tunelake.lake.subjects.subject import kind_of
from tunelake.lake.subjects.suppressed import Suppressed

_USER = "user_id"
_SOURCE = "source"


def let_in(batch: pa.RecordBatch, suppressed: Suppressed) -> pa.RecordBatch:
    """Leave out the rows that an erasure would take out of such a table.

    Raises:
        ConfigError: The list of what was erased cannot be read.
    """
    if not suppressed:
        return batch
    gone = pa.repeat(pa.scalar(value=False), batch.num_rows)
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if pa.types.is_string(field.type):
            gone = pc.or_(gone, _in(column, _teller(field.name, suppressed)))
    if _USER in batch.schema.names:
        gone = pc.or_(gone, _of_users(batch, suppressed))
    return batch.filter(pc.invert(gone))


def _teller(name: str, suppressed: Suppressed) -> Callable[[str], bool]:
    named = kind_of(name) == "artist" or name.lower() == "name"
    return lambda text: suppressed.tells(text) or (named and suppressed.is_name(text))


def _in(column: pa.Array, tells: Callable[[str], bool]) -> pa.Array:
    """Ask each text once."""
    told = [text for text in pc.unique(column).to_pylist() if text is not None and tells(text)]
    return pc.is_in(column, pa.array(told, column.type))


def _of_users(batch: pa.RecordBatch, suppressed: Suppressed) -> pa.Array:
    users = batch.column(_USER).cast(pa.string()).to_pylist()
    there = _SOURCE in batch.schema.names
    sources = batch.column(_SOURCE).cast(pa.string()).to_pylist() if there else [None] * len(users)
    pairs = zip(users, sources, strict=True)
    return pa.array(
        [user is not None and suppressed.is_user(user, source) for user, source in pairs], pa.bool_()
    )
