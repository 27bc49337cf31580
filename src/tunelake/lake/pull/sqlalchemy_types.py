"""Which Arrow type holds the values of a database's column, and how a value gets there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

_MOST_DIGITS = 38
# The first that fits decides: a Boolean is an Integer to some databases, an Enum is a String.
_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], pa.DataType], ...] = (
    (sa.Boolean, pa.bool_()),
    (sa.Integer, pa.int64()),
    (sa.Float, pa.float64()),
    (sa.DateTime, pa.timestamp("us", tz="UTC")),
    (sa.Date, pa.date32()),
    (sa.LargeBinary, pa.binary()),
)


def arrow_type(column: sa.Column[Any]) -> pa.DataType:
    """Return the type for a column; what Delta has no type for becomes text."""
    try:
        generic = column.type.as_generic()
    except NotImplementedError:
        return pa.string()
    if isinstance(generic, sa.Numeric) and not isinstance(generic, sa.Float):
        digits, scale = generic.precision, generic.scale
        exact = digits is not None and scale is not None and 0 <= scale <= digits <= _MOST_DIGITS
        return pa.decimal128(digits, scale) if exact else pa.float64()
    return next((arrow for kind, arrow in _TYPES if isinstance(generic, kind)), pa.string())


def converter(kind: pa.DataType) -> Callable[[Any], Any]:
    """Return what turns a value of the driver into one that Arrow takes; None stays None."""
    if pa.types.is_timestamp(kind):
        return _moment
    if pa.types.is_string(kind):
        return _text
    if pa.types.is_floating(kind):
        return lambda value: float(value) if isinstance(value, Decimal) else value
    if pa.types.is_boolean(kind):
        return lambda value: bool(value) if isinstance(value, int) else value
    if pa.types.is_binary(kind):
        return lambda value: bytes(value) if isinstance(value, memoryview) else value
    return lambda value: value


def _moment(value: Any) -> Any:  # noqa: ANN401  (whatever a driver gives)
    """Take a time without a zone as UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def _text(value: Any) -> Any:  # noqa: ANN401  (as above)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
