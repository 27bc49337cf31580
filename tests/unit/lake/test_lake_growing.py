"""A column that grows: what does not fit its type is named and left out, and never bent to fit."""

from __future__ import annotations

from typing import Any

import pytest

from tunelake.lake.contracts.contract import load
from tunelake.lake.rows.growing import Growing

COLUMNS = {column.name: column for column in load()["tracks"].columns}


@pytest.mark.parametrize(
    ("column", "values", "kept"),
    [
        ("popularity", [1, 3.5, None, 4.0], [1, None, None, 4]),
        ("popularity", [1, True, "2", float("nan")], [1, None, None, None]),
        ("popularity", [1, 2**70], [1, None]),
        ("name", ["a", 7, "b"], ["a", None, "b"]),
        ("explicit", [True, 1, False], [True, None, False]),
    ],
)
def test_what_does_not_fit_is_named(column: str, values: list[Any], kept: list[Any]) -> None:
    growing = Growing(COLUMNS[column])
    growing.add(values)
    array, _ = growing.finish()
    assert array.to_pylist() == kept
    misfits = [at for at, value in enumerate(values) if value is not None and kept[at] is None]
    assert sorted(growing.misfits) == misfits
    assert all(f"'{column}'" in reason for reason in growing.misfits.values())
