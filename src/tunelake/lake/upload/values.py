"""Values as files have them to values as tables have them. Pure; says why when it cannot."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from tunelake.errors import Skippable
from tunelake.lake.contracts.contract import Column, Type
from tunelake.lake.upload.fields import Form

NULLS = ("_", "NA", "null", "NULL")
"""Texts that mean "no value" unless the person says otherwise; an empty value always does."""

WHOLE: dict[Type, int] = {"int32": 2**31, "int64": 2**63}
"""Types of whole numbers, each with the least number that is too large for it."""

_YEAR = re.compile(r"\d{4}(-\d{2}(-\d{2}.*)?)?", re.DOTALL)
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+(e[-+]?\d+)?", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://open\.spotify\.com/(?:intl-\w+/)?|spotify:)\w+[/:](\w+)(?:\?.*)?")
_TRUTHS = {
    "true": True,
    "t": True,
    "yes": True,
    "1": True,
    "false": False,
    "f": False,
    "no": False,
    "0": False,
}
_PRECISIONS = {4: "year", 7: "month", 10: "day"}


def is_null(value: object, nulls: frozenset[str]) -> bool:
    """Tell whether a value means "no value": None, blank text, NaN, or one of the null texts."""
    if isinstance(value, str):
        return value in nulls or not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


def precision(release_date: str) -> str | None:
    """Tell how precise a release date is: year, month or day; None when it is none of these."""
    return _PRECISIONS.get(len(release_date))


def reader_of(form: Form, column: Column) -> Callable[[object], Any]:
    """Make the reader of values that are not null, for a column of a table.

    It raises Skippable when a value does not fit; the message says what was expected.
    """
    read = _TYPES[column.type] if form == "plain" else _FORMS[form]
    if column.min is None and column.max is None:
        return read
    low = -math.inf if column.min is None else column.min
    high = math.inf if column.max is None else column.max
    expected = f"expected {_range(column.min, column.max)}"

    def within(value: object) -> object:
        result = read(value)
        if not low <= result <= high:
            raise Skippable(expected)
        return result

    return within


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at least {low:g}" if low is not None else f"at most {high:g}"
    return f"a value from {low:g} to {high:g}"


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        raise Skippable("expected one text, found a list or an object")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _id(value: object) -> str:
    text = _text(value).strip()
    linked = _LINK.fullmatch(text)
    return linked[1] if linked else text


def _number(value: object) -> float:
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            point = " with a decimal point" if _DECIMAL_COMMA.fullmatch(value.strip()) else ""
            raise Skippable(f"expected a number{point}") from None
        plain = "_" not in value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number, plain = _float(value), True
    else:
        raise Skippable("expected a number")
    if not plain or not math.isfinite(number):
        raise Skippable("expected a number")
    return number


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise Skippable("the number is too large") from None


def _whole(value: object, limit: int) -> int:
    number: float | int = _number(value)
    if isinstance(value, int):
        number = value
    elif isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
        number = int(value)  # exact beyond 2**53
    if number != int(number):
        raise Skippable("expected a whole number")
    if not -limit <= number < limit:
        raise Skippable("the number is too large")
    return int(number)


def _truth(value: object) -> bool:
    known = _TRUTHS.get(str(value).strip().casefold())
    if known is None:
        raise Skippable("expected true or false")
    return known


def _date(value: object) -> str:
    text = _MIDNIGHT.sub("", _text(value).strip())
    parts = _DATE.fullmatch(text)
    if not parts:
        raise Skippable("expected a date as YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = parts.groups()
    if month:
        try:
            # Year 0 stands for "not known" in some catalogues; the month and day still have to exist.
            date(max(int(year), 1), int(month), int(day or 1))
        except ValueError:
            raise Skippable("there is no such day") from None
    return text


def _year(value: object) -> int:
    text = _text(value).strip()
    if not _YEAR.fullmatch(text):
        raise Skippable("expected a year of four digits")
    return int(text[:4])


def _time(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value).strip())
    except ValueError:
        raise Skippable("expected a time such as 2024-05-31T12:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _list(value: object, separators: str) -> list[str]:
    """Read a list: a real one, one written as JSON or Python text, or text with separators."""
    if isinstance(value, str):
        text = value.strip()
        value = _literal(text) if text[0] == "[" and text[-1] == "]" else re.split(f"[{separators}]", text)
    if not isinstance(value, list):
        raise Skippable("expected a list")
    texts = (_text(item).strip() for item in value if item is not None)
    return [text for text in texts if text]


def _literal(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        pass  # not JSON: then perhaps Python's way of writing a list
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        raise Skippable("expected a list such as ['pop', 'rock']") from None


_FORMS: dict[Form, Callable[[object], Any]] = {
    "id": _id,
    "ids": lambda value: [_id(item) for item in _list(value, ";")],
    "names": lambda value: _list(value, ";"),
    "genres": lambda value: list(dict.fromkeys(_list(value, ";|,"))),
    "date": _date,
    "year": _year,
}
_TYPES: dict[Type, Callable[[object], Any]] = {
    "string": _text,
    "int32": lambda value: _whole(value, WHOLE["int32"]),
    "int64": lambda value: _whole(value, WHOLE["int64"]),
    "float64": _number,
    "bool": _truth,
    "timestamp": _time,
}
