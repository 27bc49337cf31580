"""Rows that a person takes although they break the contract. Pure.

What fits stays; the rest is converted where that is no guess, and null otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import UNSET

from tunelake.domain.pages import Page
from tunelake.domain.rows import Reader, Rows
from tunelake.lake.contracts.contract import Column, load
from tunelake.lake.contracts.schema import arrow_type
from tunelake.lake.quarantine.entries import ENDPOINT, read_decisions

_WHOLE = re.compile(r"\s*[+-]?\d{1,19}\s*")
_NOT_THIS_TYPE = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)


class MendingReader:
    """Reads pages as another reader does, and mends the rows that people took as they are."""

    def __init__(self, reader: Reader, accepted: Mapping[str, Collection[str]]) -> None:
        """Take a reader and the places to mend, by page."""
        self._reader = reader
        self._accepted = accepted

    def __call__(self, page: Page) -> Rows:
        """Read a page."""
        if page.endpoint == ENDPOINT:
            return read_decisions(page)
        rows = self._reader(page)
        places = self._accepted.get(page.page_id, ())
        return mended(rows, places) if places else rows


def mended(rows: Rows, places: Collection[str]) -> Rows:
    """Return rows of which those at these places ("table[row]") fit their contract, where that can be."""
    tables = {table: dict(columns) for table, columns in rows.tables.items()}
    for table, columns in tables.items():
        told = [at for at in range(_count(columns)) if f"{table}[{at}]" in places]
        if not told:
            continue
        for column in load()[table].columns:
            if column.name in columns:
                values = list(columns[column.name])
                for at in told:
                    values[at] = fitted(column, values[at])
                columns[column.name] = values
    return msgspec.structs.replace(rows, tables=tables)


def fitted(column: Column, value: Any) -> Any:  # noqa: ANN401  (a value of any kind is the point)
    """Return a value that the column takes: the same, the same in its type, or None."""
    if value is UNSET or value is None:
        return value
    for one in (value, _converted(column, value)):
        if one is not None and _is(column, one):
            return one if _in_range(column, one) else None
    return None


def _count(columns: Mapping[str, list[Any]]) -> int:
    return len(next(iter(columns.values()), ()))


def _is(column: Column, value: object) -> bool:
    try:
        (kept,) = pa.array([value], arrow_type(column)).to_pylist()
    except _NOT_THIS_TYPE:
        return False
    return bool(kept == value)  # 3.5 would become 3


def _in_range(column: Column, value: Any) -> bool:  # noqa: ANN401
    low, high = column.min, column.max
    return (low is None or value >= low) and (high is None or value <= high)


def _converted(column: Column, value: object) -> object:
    """Say the same in the column's type, or None where that would be a guess."""
    match column.type:
        case "string":
            return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        case "int32" | "int64":
            if isinstance(value, float):
                return int(value) if value.is_integer() else None
            return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else None
        case "float64":
            return _number(value)
        case "bool":
            return (
                {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None
            )
        case "timestamp":
            return _moment(value)


def _number(value: object) -> float | None:
    try:
        found = float(value) if isinstance(value, str | int) else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
