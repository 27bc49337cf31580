"""Values of many pages -> typed Arrow columns, and the rows that break the contract. Pure.

A column is built in one call when all its values fit; only a column with values that do not fit or
are unset is looked at value by value.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from tunelake.domain.rows import Columns
from tunelake.errors import Fatal
from tunelake.lake.contract import Column, Contract
from tunelake.lake.schema import arrow_type

PAGE = "_page"
ROW = "_row"
ABSENT = "_absent"
_PART = 4096  # rows that are made into columns at once, while their values are still in the caches
_NOT_THIS_TYPE = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError)


class Misfit(msgspec.Struct, frozen=True):
    """A row that breaks the contract: which page of the batch, which row of the page, and why."""

    page: int
    row: int
    reason: str


class Typed(msgspec.Struct, frozen=True):
    """What became of the gathered values.

    Attributes:
        rows: The contract's columns with `_page` (index of the page in the batch), `_row`, and in row
            tables `_absent`.
        misfits: The rows that were left out.
    """

    rows: pa.Table
    misfits: list[Misfit]


class Gather:
    """Collects the values of one table over the pages of a batch."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._names = contract.names
        self._parts: list[pa.Table] = []
        self._misfits: list[Misfit] = []
        self._values: dict[str, list[Any]] = {}
        self._pages: list[int] = []
        self._rows: list[int] = []
        self._left_out: list[int] = []  # bits of the columns that a page left out altogether
        self._clear()

    def _clear(self) -> None:
        self._values = {name: [] for name in self._names}
        self._pages, self._rows, self._left_out = [], [], []

    def add(self, page: int, columns: Columns) -> None:
        """Add the rows of a page.

        Raises:
            Fatal: The columns are not those of the contract or differ in length: the reader is wrong.
        """
        count = len(next(iter(columns.values()), ()))
        if (
            any(len(values) != count for values in columns.values())
            or not columns.keys() <= self._values.keys()
        ):
            raise Fatal(
                f"a reader's columns for '{self._contract.table}' do not fit its contract: {list(columns)}"
            )
        left_out = 0
        for bit, (name, values) in enumerate(self._values.items()):
            given = columns.get(name)
            if given is None or (count and given[0] is UNSET and given.count(UNSET) == count):
                left_out |= 1 << bit
                values.extend(repeat(None, count))
            else:
                values.extend(given)
        self._left_out.extend(repeat(left_out, count))
        self._pages.extend(repeat(page, count))
        self._rows.extend(range(count))
        if len(self._pages) >= _PART:
            self._build_part()

    def add_empty(self, page: int, owners: Iterable[tuple[Any, ...]]) -> None:
        """Add the one row of each empty set: the owner, and null elements."""
        for owner in owners:
            given = dict(zip(self._contract.owner, owner, strict=True))
            for name, values in self._values.items():
                values.append(given.get(name))
            self._pages.append(page)
            self._rows.append(-1)
            self._left_out.append(0)

    def finish(self) -> Typed:
        """Build the typed columns of all rows that keep the contract."""
        if self._pages or not self._parts:
            self._build_part()
        return Typed(pa.concat_tables(self._parts), self._misfits)

    def _build_part(self) -> None:
        misfits: dict[int, str] = {}
        arrays: dict[str, pa.Array] = {}
        # Columns that a later version of the contract adds are absent from every row of today.
        later = pa.scalar(-1 << len(self._names), pa.int64())
        absent = pc.bit_wise_or(pa.array(self._left_out, pa.int64()), later)
        for bit, column in enumerate(self._contract.columns):
            values = self._values[column.name]
            arrays[column.name], unset = _build(column, values, misfits)
            if unset is not None and not self._contract.is_set:
                absent = pc.bit_wise_or(absent, pc.if_else(unset, pa.scalar(1 << bit, pa.int64()), 0))
            self._check(column, arrays[column.name], misfits)
        arrays[PAGE] = pa.array(self._pages, pa.int32())
        arrays[ROW] = pa.array(self._rows, pa.int32())
        if not self._contract.is_set:
            arrays[ABSENT] = absent
        rows = pa.table(arrays)
        if misfits:
            rows = rows.filter(pa.array([at not in misfits for at in range(rows.num_rows)]))
        self._parts.append(rows)
        self._misfits += [
            Misfit(self._pages[at], self._rows[at], reason) for at, reason in sorted(misfits.items())
        ]
        self._clear()

    def _check(self, column: Column, array: pa.Array, misfits: dict[int, str]) -> None:
        """Find nulls where none may be, and numbers out of range."""
        required = column.name in self._contract.required
        if required and array.null_count:
            marks_empty = column.name in self._contract.element
            for at in _where(pc.is_null(array)):
                if not (marks_empty and self._rows[at] < 0):
                    misfits.setdefault(at, f"'{column.name}' is missing, and no row can be without it")
        if column.min is None and column.max is None:
            return
        low, high = pc.min_max(array).as_py().values()
        if low is None or (_at_least(low, column.min) and _at_least(column.max, high)):
            return
        for at, value in enumerate(array.to_pylist()):
            if value is not None and not (_at_least(value, column.min) and _at_least(column.max, value)):
                misfits.setdefault(at, f"'{column.name}' is {value}, but {_range(column)} is expected")


def _build(column: Column, values: list[Any], misfits: dict[int, str]) -> tuple[pa.Array, pa.Array | None]:
    """Build one column; also return which values were unset, or None when all were set."""
    kind = arrow_type(column)
    try:
        return pa.array(values, kind), None
    except _NOT_THIS_TYPE:
        pass
    unset = [value is UNSET for value in values]
    given = [None if value is UNSET else value for value in values]
    try:
        array = pa.array(given, kind)
    except _NOT_THIS_TYPE:
        array = _build_each(column, given, misfits)
    return array, pa.array(unset) if any(unset) else None


def _build_each(column: Column, values: list[Any], misfits: dict[int, str]) -> pa.Array:
    """Build a column value by value; the rows of those that do not fit are misfits."""
    kind = arrow_type(column)
    fitting: list[Any] = []
    for at, value in enumerate(values):
        try:
            pa.array([value], kind)
            fitting.append(value)
        except _NOT_THIS_TYPE:
            fitting.append(None)
            misfits.setdefault(at, f"'{column.name}' is {value!r:.80}, but {column.type} is expected")
    return pa.array(fitting, kind)


def _where(mask: pa.Array) -> list[int]:
    found: list[int] = pc.indices_nonzero(mask).to_pylist()
    return found


def _at_least(value: float | None, low: float | None) -> bool:
    return value is None or low is None or value >= low


def _range(column: Column) -> str:
    if column.max is None:
        return f"{column.min:g} or more"
    return f"{column.max:g} or less" if column.min is None else f"{column.min:g} to {column.max:g}"
