"""A row of a file as typed fields, or what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from tunelake.errors import Skippable
from tunelake.lake.contract import Column, load
from tunelake.lake.upload.fields import FEATURES, Field, Kind
from tunelake.lake.upload.mapping import Mapped
from tunelake.lake.upload.values import is_null, parse

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


def type_row(values: Values, plan: Plan) -> dict[str, Any] | Problem:
    """Read the mapped fields of a row; a field is None where all its columns are null."""
    typed: dict[str, Any] = {}
    for field in plan.kind.fields:
        columns = plan.mapped.get(field.name)
        if columns is None:
            continue
        typed[field.name] = None
        for column in columns:
            value = values.get(column)
            if is_null(value, plan.nulls):
                continue
            try:
                typed[field.name] = parse(value, field.form, _column(field))
            except Skippable as wrong:
                return Problem(column=column, value=str(value), reason=f"{field.name}: {wrong}")
            break
    return _missing(typed, plan.kind) or typed


@cache
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
