"""Whether two engines gave the same rows: what differs, where, and by how much. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import pyarrow as pa

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""Sums of floats depend on the order of adding: two floats nearer than either are the same."""

_EXAMPLES = 3


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What comparing one mart gave.

    Attributes:
        rows: Rows of either side.
        differences: Sentences; none when both are the same.
        furthest: The greatest relative distance of two floats that count as the same.
    """

    mart: str
    rows: tuple[int, int]
    differences: tuple[str, ...]
    furthest: float


def compare(mart: str, grain: Sequence[str], one: pa.Table, other: pa.Table) -> Compared:
    """Compare two tables row by row, by their grain; the order of rows and the widths of numbers are free."""
    if one.column_names != other.column_names:
        said = f"columns {', '.join(one.column_names)} against {', '.join(other.column_names)}"
        return Compared(mart=mart, rows=(one.num_rows, other.num_rows), differences=(said,), furthest=0)
    mine, theirs = _by_grain(one, grain), _by_grain(other, grain)
    told = []
    for what, keys in (
        ("only here", mine.keys() - theirs.keys()),
        ("only there", theirs.keys() - mine.keys()),
    ):
        if keys:
            told.append(f"{len(keys)} rows {what}: {_some(grain, keys)}")
    furthest = 0.0
    for column in one.column_names:
        unlike = []
        for key in mine.keys() & theirs.keys():
            distance = _distance(mine[key][column], theirs[key][column])
            if distance is None:
                unlike.append(key)
            else:
                furthest = max(furthest, distance)
        if unlike:
            first = min(unlike, key=repr)
            values = f"{mine[first][column]!r} against {theirs[first][column]!r}"
            told.append(f"{column}: {len(unlike)} rows, {values} in {_some(grain, [first])}")
    if one.num_rows != other.num_rows and not told:
        told.append(f"{one.num_rows} rows against {other.num_rows}")
    return Compared(
        mart=mart, rows=(one.num_rows, other.num_rows), differences=tuple(told), furthest=furthest
    )


def _by_grain(table: pa.Table, grain: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[name] for name in grain): row for row in _rows(table)}


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _some(grain: Sequence[str], keys: Iterable[tuple[Any, ...]]) -> str:
    shown = sorted(keys, key=repr)[:_EXAMPLES]
    return "; ".join(
        ", ".join(f"{name}={value}" for name, value in zip(grain, key, strict=True)) for key in shown
    )


def _distance(one: object, other: object) -> float | None:
    """Return how far apart two values are that count as the same; None when they do not."""
    if isinstance(one, float) and isinstance(other, float):
        if one == other or (math.isnan(one) and math.isnan(other)):
            return 0.0
        if math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
            return abs(one - other) / max(abs(one), abs(other))
        return None
    return 0.0 if one == other else None
