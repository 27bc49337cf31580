"""Which version a reader sees, and what nobody can see any more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tunelake.publish.versions import KEPT_DEAD, Kept, Pointer, unseen, visible

KEPT = st.builds(
    Kept, entity_id=st.sampled_from("ab"), version=st.integers(1, 8), hash=st.sampled_from(["", "x"])
)
POINTERS = st.builds(
    lambda current, more, dead: Pointer(current=current, attempt=current + more, dead=frozenset(dead)),
    st.integers(0, 8), st.integers(0, 3), st.sets(st.integers(1, 8)),
)  # fmt: skip


def test_a_switch_passes_over_publications_that_never_ended() -> None:
    pointer = Pointer(current=3, attempt=6, dead=frozenset({2})).switched()
    assert pointer == Pointer(current=6, attempt=6, dead=frozenset({2, 4, 5}))
    assert [number for number in range(8) if pointer.sees(number)] == [0, 1, 3, 6]


def test_numbers_of_long_ago_are_forgotten() -> None:
    pointer = Pointer(current=2, attempt=KEPT_DEAD + 5, dead=frozenset({1})).switched()
    assert min(pointer.dead) == 6


def test_the_newest_that_is_seen_is_shown() -> None:
    stored = [Kept("a", 1, "one"), Kept("a", 3, "three"), Kept("a", 5, "five"), Kept("b", 3, "")]
    shown = visible(stored, Pointer(current=4, attempt=5))
    assert {kept.entity_id: kept.hash for kept in shown.values()} == {"a": "three", "b": ""}
    assert visible(stored, Pointer(current=4, dead=frozenset({3})))["a"].hash == "one"


@given(st.sets(KEPT, max_size=8).map(list), POINTERS)
def test_taking_away_what_is_unseen_changes_nothing_for_readers(stored: list[Kept], pointer: Pointer) -> None:
    stored = list({(kept.entity_id, kept.version): kept for kept in stored}.values())
    gone = unseen(stored, pointer)
    left = [kept for kept in stored if kept not in gone]

    def shown(of: list[Kept]) -> dict[str, str]:
        return {kept.entity_id: kept.hash for kept in visible(of, pointer).values() if kept.hash}

    assert shown(left) == shown(stored)
    # Nothing that a publication on its way has written is touched.
    assert all(kept.version <= pointer.current or kept.version in pointer.dead for kept in gone)
