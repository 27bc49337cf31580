"""Rows of a file as typed fields, and what is wrong with others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from tunelake.domain.rows import Columns
from tunelake.lake.contracts.contract import Column, load
from tunelake.lake.upload.cells import CellReader
from tunelake.lake.upload.fields import FEATURES, Field, Kind
from tunelake.lake.upload.mapping import Mapped

_FEATURE_NAMES = frozenset(field.name for field in FEATURES)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How the rows of one file are read.

    Attributes:
        kind: What a row is about.
        mapped: Which columns say which field.
        nulls: Texts that mean "no value".
    """

    kind: Kind
    mapped: Mapped
    nulls: frozenset[str]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row could not be taken; column and value are None where it is not about one of them."""

    reason: str
    column: str | None = None
    value: str | None = None


class Typed(msgspec.Struct, frozen=True):
    """Some rows, read.

    Attributes:
        fields: The values of each mapped field; None where all its columns are null.
        problems: What is wrong with a row, by its place; of several things the first.
    """

    fields: Columns
    problems: dict[int, Problem]


class RowReader:
    """Reads the rows of one file; made once for it."""

    def __init__(self, plan: Plan) -> None:
        self._kind = plan.kind
        self._columns = [column for columns in plan.mapped.values() for column in columns]
        self._values = _getter(self._columns)
        self._fields = [
            (field.name, plan.mapped[field.name], CellReader(field.form, _column(field), plan.nulls))
            for field in plan.kind.fields
            if field.name in plan.mapped
        ]

    def cells(self, rows: Sequence[Mapping[str, Any]]) -> Columns:
        """Take the mapped columns out of rows; what a row does not have is empty."""
        try:  # at once, as rows of most files have all columns
            values = list(zip(*map(self._values, rows), strict=True))
        except KeyError:
            return {column: [row.get(column, "") for row in rows] for column in self._columns}
        return {column: list(values[place]) for place, column in enumerate(self._columns)}

    def read(self, cells: Columns, count: int) -> Typed:
        """Read the mapped columns, from `cells`, of so many rows."""
        problems: dict[int, Problem] = {}
        fields: Columns = {}
        for name, columns, reader in self._fields:
            fields[name] = _field(name, {column: cells[column] for column in columns}, reader, problems)
        for at, problem in _missing(fields, self._kind, count):
            problems.setdefault(at, problem)
        return Typed(fields, problems)


def _getter(columns: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(columns) == 1:
        column = columns[0]
        return lambda row: (row[column],)
    return itemgetter(*columns)


def _field(name: str, cells: Columns, reader: CellReader, problems: dict[int, Problem]) -> list[Any]:
    """Read one field: of its columns the first with a value counts."""
    (column, values), *others = cells.items()
    told, wrong = reader.read(values)
    _note(name, column, values, wrong, problems)
    for column, values in others:
        todo = [at for at, value in enumerate(told) if value is None and at not in problems]
        found, wrong = reader.read([values[at] for at in todo])
        _note(name, column, values, {todo[place]: reason for place, reason in wrong.items()}, problems)
        for at, value in zip(todo, found, strict=True):
            told[at] = value
    return told


def _note(
    name: str, column: str, values: list[Any], wrong: dict[int, str], problems: dict[int, Problem]
) -> None:
    for at, reason in wrong.items():
        problem = Problem(column=column, value=str(values[at]), reason=f"{name}: {reason}")
        problems.setdefault(at, problem)


def _column(field: Field) -> Column:
    """The contract's column a field goes to."""
    return next(column for column in load()[field.table].columns if column.name == field.column)


def _missing(fields: Columns, kind: Kind, count: int) -> Iterator[tuple[int, Problem]]:
    """Tell the rows that lack what a row must have."""
    for alternatives in kind.needs:
        if alternatives[0][0] in _FEATURE_NAMES:
            continue  # a track whose features are not known is a fact, too
        have = [False] * count
        for names in alternatives:
            if not all(have) and all(name in fields for name in names):
                told = zip(*(fields[name] for name in names), strict=True)
                have = [known or all(values) for known, values in zip(have, told, strict=True)]
        lacks = f"has no {' and no '.join(' with '.join(names) for names in alternatives)}"
        yield from ((at, Problem(reason=lacks)) for at, known in enumerate(have) if not known)
    listed = zip(fields.get("artist_ids", ()), fields.get("artist_names", ()), strict=False)
    for at, (ids, called) in enumerate(listed):
        if ids and called and len(ids) != len(called):
            yield at, Problem(reason=f"lists {len(ids)} artist ids and {len(called)} artist names")
