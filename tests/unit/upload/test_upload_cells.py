"""A column read at once holds what its values hold when each is read alone."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tunelake.errors import Skippable
from tunelake.lake.contracts.contract import Column, Type
from tunelake.lake.upload.cells import CellReader
from tunelake.lake.upload.fields import Form
from tunelake.lake.upload.values import is_null, reader_of

KINDS: list[tuple[Form, Type]] = [
    ("plain", "string"),
    ("plain", "int32"),
    ("plain", "int64"),
    ("plain", "float64"),
    ("plain", "bool"),
    ("id", "string"),
    ("date", "string"),
    ("genres", "string"),
]
ORDINARY = (["1", "0", "3"], ["0.5", "0.25"], ["A", "B"], ["1999", "2001-05"])
ODD = ["", " ", "NA", "_", "nan", "inf", "1e999", "1_0", "0,5", " 3 ", "+5", "٣", "-1", "2147483648",
       "-2147483648", "9223372036854775807", "9223372036854775808", "9" * 400, "5.0", "true", "1999-02-30",
       "a|b", "spotify:track:1", " A ", None, 3, 2.5, True, float("nan"), ["x"]]  # fmt: skip


def alone(value: object, form: Form, column: Column, nulls: frozenset[str]) -> tuple[Any, str | None]:
    if is_null(value, nulls):
        return None, None
    try:
        return reader_of(form, column)(value), None
    except Skippable as wrong:
        return None, str(wrong)


@pytest.mark.parametrize(("form", "named"), KINDS)
def test_a_column_read_at_once_is_each_value_read_alone(form: Form, named: Type) -> None:
    numbers = named in {"int32", "float64"}
    for low, nulls in product((0.0, None) if numbers else (None,), ({"NA", "_"}, {"0", "A"})):
        column = Column(name="x", type=named, meaning="x", min=low, max=low if low is None else 5.0)
        reader = CellReader(form, column, frozenset(nulls))
        for ordinary, odd in product(ORDINARY, [[], *([one] for one in ODD)]):
            values = [*ordinary, *odd, *ordinary]
            found, wrong = reader.read(values)
            expected = [alone(value, form, column, frozenset(nulls)) for value in values]
            assert [(one, type(one)) for one in found] == [(one, type(one)) for one, _ in expected]
            assert wrong == {at: reason for at, (_, reason) in enumerate(expected) if reason is not None}
