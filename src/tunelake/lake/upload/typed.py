"""A row of a file as typed fields, or what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tunelake.errors import Skippable
from tunelake.lake.contracts.contract import Column, load
from tunelake.lake.upload.fields import FEATURES, Field, Kind
from tunelake.lake.upload.mapping import Mapped
from tunelake.lake.upload.values import is_null, reader_of

Values = Mapping[str, Any]
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


class RowReader:
    """Reads the rows of one file; made once for it."""

    def __init__(self, plan: Plan) -> None:
        self._nulls = plan.nulls
        self._kind = plan.kind
        self._fields = [
            (field.name, plan.mapped[field.name], reader_of(field.form, _column(field)))
            for field in plan.kind.fields
            if field.name in plan.mapped
        ]

    def read(self, values: Values) -> dict[str, Any] | Problem:
        """Read the mapped fields of a row; a field is None where all its columns are null."""
        nulls = self._nulls
        typed: dict[str, Any] = {}
        for name, columns, reader in self._fields:
            typed[name] = None
            for column in columns:
                value = values.get(column)
                if is_null(value, nulls):
                    continue
                try:
                    typed[name] = reader(value)
                except Skippable as wrong:
                    return Problem(column=column, value=str(value), reason=f"{name}: {wrong}")
                break
        return _missing(typed, self._kind) or typed


def _column(field: Field) -> Column:
    """The contract's column a field goes to."""
    return next(column for column in load()[field.table].columns if column.name == field.column)


def _missing(typed: dict[str, Any], kind: Kind) -> Problem | None:
    for alternatives in kind.needs:
        if alternatives[0][0] in _FEATURE_NAMES:
            continue  # a track whose features are not known is a fact, too
        if not any(all(typed.get(name) for name in fields) for fields in alternatives):
            return Problem(
                reason=f"has no {' and no '.join(' with '.join(fields) for fields in alternatives)}"
            )
    ids, names = typed.get("artist_ids"), typed.get("artist_names")
    if ids and names and len(ids) != len(names):
        return Problem(reason=f"lists {len(ids)} artist ids and {len(names)} artist names")
    return None
