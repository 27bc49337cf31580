"""Values of many pages -> typed Arrow columns, and the rows that break the contract. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from tunelake.domain.rows import Columns
from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import Column, Contract
from tunelake.lake.rows.growing import Growing

PAGE = "_page"
ROW = "_row"
ABSENT = "_absent"
_EMPTY = -1  # place of the row that stands for an empty set


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
        self._columns = {column.name: Growing(column) for column in contract.columns}
        # A run is the rows of one page, or one empty set: page, how many, number of the first, left out.
        self._runs: list[tuple[int, int, int, int]] = []

    def add(self, page: int, columns: Columns) -> None:
        """Add the rows of a page.

        Raises:
            Fatal: The columns are not those of the contract or differ in length: the reader is wrong.
        """
        count = len(next(iter(columns.values()), ()))
        if not columns.keys() <= self._columns.keys():
            raise self._unfit(columns)
        left_out = 0
        for bit, (name, column) in enumerate(self._columns.items()):
            values = columns.get(name)
            if values is None or (count and values[0] is UNSET and values.count(UNSET) == count):
                left_out |= 1 << bit
                column.add_nulls(count)
            elif len(values) != count:
                raise self._unfit(columns)
            else:
                column.add(values)
        self._runs.append((page, count, 0, left_out))

    def add_each(self, columns: Columns) -> None:
        """Add one row of each page, from the first page on; no column may be left out."""
        for name, column in self._columns.items():
            column.add(columns[name])
        self._runs += [(page, 1, 0, 0) for page in range(len(columns[self._contract.names[0]]))]

    def add_empty(self, page: int, owners: Iterable[tuple[Any, ...]]) -> None:
        """Add the one row of each empty set: the owner, and null elements."""
        for owner in owners:
            given = dict(zip(self._contract.owner, owner, strict=True))
            for name, column in self._columns.items():
                column.add([given.get(name)])
            self._runs.append((page, 1, _EMPTY, 0))

    def finish(self) -> Typed:
        """Build the typed columns of all rows that keep the contract."""
        pages, places, absent = self._spread()
        misfits: dict[int, str] = {}
        arrays: dict[str, pa.Array] = {}
        for bit, column in enumerate(self._contract.columns):
            growing = self._columns[column.name]
            arrays[column.name], unset = growing.finish()
            if unset is not None:
                absent = pc.bit_wise_or(absent, pc.if_else(unset, pa.scalar(1 << bit, pa.int64()), 0))
            for at, reason in growing.misfits.items():
                misfits.setdefault(at, reason)
            self._check(column, arrays[column.name], places, misfits)
        arrays |= {PAGE: pages, ROW: places}
        if not self._contract.is_set:
            arrays[ABSENT] = absent
        rows = pa.table(arrays)
        if misfits:
            rows = rows.filter(pa.array([at not in misfits for at in range(rows.num_rows)]))
        found = [
            Misfit(pages[at].as_py(), places[at].as_py(), reason) for at, reason in sorted(misfits.items())
        ]
        return Typed(rows, found)

    def _spread(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Tell of each row its page, its place in it, and what the page left out."""
        ends = list(accumulate((count for _, count, _, _ in self._runs), initial=0))
        rows = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.nulls(ends[-1]))
        run = pc.list_parent_indices(rows)
        # Columns that a later version of the contract adds are absent from every row of today.
        later = -1 << len(self._columns)
        pages = pa.array([page for page, _, _, _ in self._runs], pa.int32())
        absent = pa.array([left_out | later for _, _, _, left_out in self._runs], pa.int64())
        before = [end - first for end, (_, _, first, _) in zip(ends, self._runs, strict=False)]
        places = pc.subtract(pa.arange(0, ends[-1]), pa.array(before, pa.int64()).take(run))
        return pages.take(run), places.cast(pa.int32()), absent.take(run)

    def _check(self, column: Column, array: pa.Array, places: pa.Array, misfits: dict[int, str]) -> None:
        """Find nulls where none may be, and numbers out of range."""
        required = column.name in self._contract.required
        if required and array.null_count:
            marks_empty = column.name in self._contract.element
            for at in _where(pc.is_null(array)):
                if not (marks_empty and places[at].as_py() == _EMPTY):
                    misfits.setdefault(at, f"'{column.name}' is missing, and no row can be without it")
        if column.min is None and column.max is None:
            return
        low, high = pc.min_max(array).as_py().values()
        if low is None or (_at_least(low, column.min) and _at_least(column.max, high)):
            return
        for at, value in enumerate(array.to_pylist()):
            if value is not None and not (_at_least(value, column.min) and _at_least(column.max, value)):
                misfits.setdefault(at, f"'{column.name}' is {value}, but {_range(column)} is expected")

    def _unfit(self, columns: Columns) -> Fatal:
        return Fatal(
            f"a reader's columns for '{self._contract.table}' do not fit its contract: {list(columns)}"
        )


def _where(mask: pa.Array) -> list[int]:
    found: list[int] = pc.indices_nonzero(mask).to_pylist()
    return found


def _at_least(value: float | None, low: float | None) -> bool:
    return value is None or low is None or value >= low


def _range(column: Column) -> str:
    if column.max is None:
        return f"{column.min:g} or more"
    return f"{column.max:g} or less" if column.min is None else f"{column.min:g} to {column.max:g}"
