"""Lists that are cut anywhere, and that move while they are read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tunelake.collect.lists.paging import judge_places, judge_unique, stuck
from tunelake.sources.gist import Part

sizes = st.integers(min_value=1, max_value=7)
lists = st.lists(st.integers(min_value=0, max_value=999).map(str), unique=True, max_size=40)


def cut(items: list[str], size: int, shifts: dict[int, int] | None = None) -> list[Part]:
    """Parts as a source serves them; a shifted part begins elsewhere than it says."""
    offsets = range(0, max(len(items), 1), size)
    parts = []
    for index, offset in enumerate(offsets):
        start = max(0, offset + (shifts or {}).get(index, 0))
        following = f"/x?offset={offset + size}" if offset + size < len(items) else None
        keys = tuple(items[start : start + size])
        parts.append(Part(keys=keys, offset=offset, total=len(items), next=following))
    return parts


@given(items=lists, size=sizes)
def test_a_list_at_rest_is_whole_however_it_is_cut(items: list[str], size: int) -> None:
    parts = cut(items, size)
    assert judge_unique(parts).whole
    assert judge_places(parts).whole
    assert judge_unique(parts).seen == len(items)


@given(items=lists, size=sizes, data=st.data())
def test_a_move_that_loses_something_is_never_called_whole(
    items: list[str], size: int, data: st.DataObject
) -> None:
    whole = cut(items, size)
    shifts = data.draw(
        st.dictionaries(st.integers(min_value=1, max_value=len(whole)), st.sampled_from([-1, 1]), max_size=5)
    )
    parts = cut(items, size, shifts)
    seen = {key for part in parts for key in part.keys}
    verdict = judge_unique(parts)
    assert verdict.whole == (seen == set(items))
    if not verdict.whole:
        assert verdict.reason
        assert verdict.suspects
    # Two opposite moves can look like another order, which only a second reading could tell.
    if len(set(shifts.values())) == 1 and [part.keys for part in parts] != [part.keys for part in whole]:
        assert not judge_places(parts).whole


@given(items=lists, size=sizes, data=st.data())
def test_reading_the_suspects_again_at_rest_makes_it_whole(
    items: list[str], size: int, data: st.DataObject
) -> None:
    whole = cut(items, size)
    moved = data.draw(st.integers(min_value=1, max_value=len(whole)))
    parts = cut(items, size, {moved: data.draw(st.sampled_from([-1, 1]))})
    extra: set[str] = {key for part in parts for key in part.keys if key}
    verdict = judge_unique(parts, tuple(extra))
    for index in verdict.suspects:
        parts[index] = whole[index]
        extra |= {key for key in whole[index].keys if key}
    assert judge_unique(parts, tuple(extra)).whole


@given(items=lists.filter(bool), size=sizes, missing=st.data())
def test_a_part_left_out_is_a_gap(items: list[str], size: int, missing: st.DataObject) -> None:
    parts = cut(items, size)
    del parts[missing.draw(st.integers(min_value=0, max_value=len(parts) - 1))]
    assert not parts or not judge_unique(parts).whole


def test_what_is_read_the_same_twice_is_so() -> None:
    doubled = cut(["a", "b", "b", "c"], 2)
    assert not judge_places(doubled).whole
    assert judge_places(doubled, doubled).whole


def test_links_in_a_circle_and_empty_parts_without_end_are_noticed() -> None:
    part = Part(keys=("a",), total=9, next="/x?offset=1")
    assert "circle" in stuck([part], ["/x?offset=1", "/x?offset=1"])
    assert "empty" in stuck([part, Part(keys=(), next="/x?offset=2")], ["/x?offset=1", "/x?offset=2"])
    assert not stuck([part], ["/x?offset=1"])
