"""A column of a batch that grows page by page. Pure.

Texts without gaps are kept joined, a page a string: the values are let go while they are in the caches,
and Arrow gets one buffer instead of thousands of objects. All else is kept as it came, for a while.
"""

from __future__ import annotations

from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from tunelake.lake.contracts.contract import Column
from tunelake.lake.contracts.schema import arrow_type

_BETWEEN = "\0"
_MOST_VALUES = 1024  # more are made into an array while they are still in the caches
_MOST_CHARACTERS = 1 << 20
_NOT_THIS_TYPE = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)


class Growing:
    """The values of one column.

    At most one of texts, plain values and nulls waits to be made into an array.

    Attributes:
        misfits: Why a value is not of the column's type, by its place.
    """

    def __init__(self, column: Column) -> None:
        self.misfits: dict[int, str] = {}
        self._column = column
        self._kind = arrow_type(column)
        self._joins = self._kind == pa.string()
        self._counts = pa.types.is_integer(self._kind)
        self._arrays: list[pa.Array] = []
        self._unset: list[tuple[int, pa.Array]] = []
        self._made = 0
        self._texts: list[str] = []
        self._characters = 0
        self._plain: list[Any] = []
        self._nulls = 0

    def add(self, values: list[Any]) -> None:
        """Add the values of a page; some may be unset."""
        if self._joins and self._add_texts(values):
            return
        if self._texts or self._nulls:
            self._settle()
        self._plain += values
        if len(self._plain) >= _MOST_VALUES:
            self._settle()

    def add_nulls(self, count: int) -> None:
        """Add nulls."""
        if self._plain:
            self._plain.extend(repeat(None, count))
            return
        if self._texts:
            self._settle()
        self._nulls += count

    def finish(self) -> tuple[pa.Array, pa.Array | None]:
        """Build the column; also return which values were unset, or None when all were set."""
        self._settle()
        if not self._arrays:
            return pa.array([], self._kind), None
        whole = self._arrays[0] if len(self._arrays) == 1 else pa.concat_arrays(self._arrays)
        if not self._unset:
            return whole, None
        masks, end, given = [], 0, pa.scalar(value=False)
        for start, mask in self._unset:
            masks += [pa.repeat(given, start - end), mask]
            end = start + len(mask)
        return whole, pa.concat_arrays([*masks, pa.repeat(given, len(whole) - end)])

    def _add_texts(self, values: list[Any]) -> bool:
        """Keep the texts of a page joined, unless one is no text or holds what goes between them."""
        try:
            joined = _BETWEEN.join(values)
        except TypeError:
            return False
        if joined.count(_BETWEEN) != len(values) - 1:
            return False
        if self._plain or self._nulls:
            self._settle()
        self._texts.append(joined)
        self._characters += len(joined)
        if self._characters >= _MOST_CHARACTERS:
            self._settle()
        return True

    def _settle(self) -> None:
        """Make what waits into an array."""
        if self._texts:
            self._settle_texts()
        elif self._plain:
            values, self._plain = self._plain, []
            self._settle_plain(values)
        elif self._nulls:
            self._keep(pa.nulls(self._nulls, self._kind))
            self._nulls = 0

    def _settle_texts(self) -> None:
        together = _BETWEEN.join(self._texts)
        self._texts, self._characters = [], 0
        try:
            data = together.encode()
        except UnicodeEncodeError:
            self._settle_plain(together.split(_BETWEEN))
            return
        self._keep(_split(data))

    def _settle_plain(self, values: list[Any]) -> None:
        try:
            self._keep(self._array(values))
        except _NOT_THIS_TYPE:
            self._settle_mixed(values)

    def _settle_mixed(self, values: list[Any]) -> None:
        unset = [value is UNSET for value in values]
        given = [None if value is UNSET else value for value in values]
        if any(unset):
            self._unset.append((self._made, pa.array(unset)))
        try:
            self._keep(self._array(given))
        except _NOT_THIS_TYPE:
            self._keep(self._each(given))

    def _each(self, values: list[Any]) -> pa.Array:
        """Build an array value by value; those that do not fit are misfits."""
        fitting: list[Any] = []
        for at, value in enumerate(values, self._made):
            try:
                self._array([value])
                fitting.append(value)
            except _NOT_THIS_TYPE:
                fitting.append(None)
                expected = self._column.type
                self.misfits[at] = f"'{self._column.name}' is {value!r:.80}, but {expected} is expected"
        return pa.array(fitting, self._kind)

    def _array(self, values: list[Any]) -> pa.Array:
        """Build an array; Arrow alone would take a fraction for a whole number by cutting it off."""
        if self._counts and float in set(map(type, values)):
            for value in values:
                if type(value) is float and not value.is_integer():
                    raise pa.ArrowInvalid(f"{value} is no whole number")
        return pa.array(values, self._kind)

    def _keep(self, array: pa.Array) -> None:
        self._arrays.append(array)
        self._made += len(array)


def _split(data: bytes) -> pa.Array:
    """Make an array of texts out of their bytes; a NUL byte in UTF-8 is always the character."""
    bounds = pa.array([0, len(data)], pa.int32()).buffers()[1]
    together = pa.StringArray.from_buffers(1, bounds, pa.py_buffer(data))
    return pc.split_pattern(together, _BETWEEN).values
