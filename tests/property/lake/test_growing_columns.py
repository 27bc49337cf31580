"""A column that grows page by page holds what was given, in order, whatever it is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tunelake.lake.contracts.contract import Column
from tunelake.lake.rows.growing import Growing

TEXT = Column(name="name", type="string", meaning="A text.")
NUMBER = Column(name="count", type="int64", meaning="A number.")

texts = st.one_of(
    st.text(max_size=5), st.sampled_from(["", "\0", "a\0b", "\ud800", "é별"]), st.none(), st.just(UNSET)
)
numbers = st.one_of(st.integers(-(2**70), 2**70), st.none(), st.just(UNSET), st.text(max_size=2))


def _grown(column: Column, pages: list[list[Any] | int]) -> tuple[list[Any], list[bool], dict[int, str]]:
    growing = Growing(column)
    for page in pages:
        if isinstance(page, int):
            growing.add_nulls(page)
        else:
            growing.add(page)
    array, unset = growing.finish()
    return array.to_pylist(), unset.to_pylist() if unset else [False] * len(array), growing.misfits


def _flat(pages: list[list[Any] | int]) -> list[Any]:
    return [value for page in pages for value in ([None] * page if isinstance(page, int) else page)]


def _fits(value: Any, *, kind: type) -> bool:
    if value is None or value is UNSET:
        return True
    if kind is str:
        return isinstance(value, str) and "\ud800" not in value
    return isinstance(value, int) and -(2**63) <= value < 2**63


@given(st.lists(st.one_of(st.lists(texts, min_size=1, max_size=6), st.integers(1, 3)), max_size=8))
def test_texts_come_back_as_they_were_given(pages: list[list[Any] | int]) -> None:
    values = _flat(pages)
    array, unset, misfits = _grown(TEXT, pages)
    assert unset == [value is UNSET for value in values]
    assert misfits.keys() == {at for at, value in enumerate(values) if not _fits(value, kind=str)}
    assert array == [
        value if isinstance(value, str) and at not in misfits else None for at, value in enumerate(values)
    ]


@given(st.lists(st.one_of(st.lists(numbers, min_size=1, max_size=6), st.integers(1, 3)), max_size=8))
def test_numbers_come_back_as_they_were_given(pages: list[list[Any] | int]) -> None:
    values = _flat(pages)
    array, unset, misfits = _grown(NUMBER, pages)
    assert unset == [value is UNSET for value in values]
    assert misfits.keys() == {at for at, value in enumerate(values) if not _fits(value, kind=int)}
    assert array == [
        value if isinstance(value, int) and at not in misfits else None for at, value in enumerate(values)
    ]
