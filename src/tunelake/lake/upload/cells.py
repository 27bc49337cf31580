"""The values of a column all at once: ordinary ones without a call each, others one by one. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from tunelake.errors import Skippable
from tunelake.lake.contracts.contract import Column
from tunelake.lake.upload.fields import Form
from tunelake.lake.upload.values import WHOLE, is_null, reader_of

Read = tuple[list[Any], dict[int, str]]
"""The typed values, None for null ones and wrong ones; by place, what is wrong."""

_MOST_KNOWN = 20_000


class _Wrong(str):
    """Why a value does not fit."""

    __slots__ = ()


class CellReader:
    """Reads the values of one field; made once for a file."""

    def __init__(self, form: Form, column: Column, nulls: frozenset[str]) -> None:
        self._nulls = nulls
        self._one = reader_of(form, column)
        self._many = _many(form, column)
        self._known: dict[str, Any] = {}

    def read(self, values: list[Any]) -> Read:
        """Read values as a file has them."""
        texts = set(map(type, values)) == {str}
        if texts and self._many and self._nulls.isdisjoint(values):
            many = self._many(values)
            if many is not None:
                return many, {}
        found = self._remembered(values) if texts else list(map(self._value, values))
        wrong = {at: str(one) for at, one in enumerate(found) if type(one) is _Wrong}
        for at in wrong:
            found[at] = None
        return found, wrong

    def _remembered(self, texts: list[str]) -> list[Any]:
        """Read each text once, however often it comes."""
        if len(self._known) > _MOST_KNOWN:
            self._known = {}
        known = self._known
        for text in texts:
            if text not in known:
                known[text] = self._value(text)
        return [known[text] for text in texts]

    def _value(self, value: object) -> object:
        if is_null(value, self._nulls):
            return None
        try:
            return self._one(value)
        except Skippable as wrong:
            return _Wrong(wrong)


def _many(form: Form, column: Column) -> Callable[[list[str]], list[Any] | None] | None:
    """Choose how to read many texts at once; that gives None when one of them is out of the ordinary."""
    low = -math.inf if column.min is None else column.min
    high = math.inf if column.max is None else column.max
    if form == "id":
        return _ids
    if form != "plain":
        return None
    if column.type == "string":
        return _texts
    if column.type == "float64":
        return partial(_numbers, float, low, high)
    limit = WHOLE.get(column.type)
    return None if limit is None else partial(_numbers, int, max(low, -limit), min(high, limit - 1))


def _texts(texts: list[str]) -> list[str] | None:
    return texts if all(map(str.strip, texts)) else None


def _ids(texts: list[str]) -> list[str] | None:
    stripped = list(map(str.strip, texts))
    return stripped if all(stripped) and "spotify" not in "".join(stripped) else None


def _numbers(kind: type[int | float], low: float, high: float, texts: list[str]) -> list[Any] | None:
    try:
        numbers = list(map(kind, texts))
    except ValueError:
        return None
    if not (low <= min(numbers) and max(numbers) <= high):
        return None
    # Python reads "nan" and 1_000 as numbers, too; the sum is not finite when one of them is not.
    return numbers if math.isfinite(sum(numbers)) and "_" not in "".join(texts) else None
