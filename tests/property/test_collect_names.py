"""Any text a list of names may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunelake.collect.asked import MAX_NAME, read_names
from tunelake.collect.match import match
from tunelake.domain.names import fold
from tunelake.domain.states import State
from tunelake.sources.gist import Hit
from tunelake.sources.request import following

anything = st.text(max_size=60)
FINAL = {State.FETCHED, State.AMBIGUOUS, State.NOT_FOUND}


@given(anything)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(anything, max_size=20))
def test_every_line_with_something_on_it_is_accounted_for(lines: list[str]) -> None:
    asked = read_names(lines)
    assert len(asked) <= len(lines)
    for one in asked:
        assert bool(one.problem) != bool(one.name)
        assert len(one.name) <= MAX_NAME
        assert one.name == " ".join(one.name.split())


@given(anything, st.lists(st.tuples(anything, st.none() | st.integers(0, 100)), max_size=6))
def test_a_match_always_ends_in_a_final_state_with_a_reason_or_a_method(
    asked: str, found: list[tuple[str, int | None]]
) -> None:
    hits = [Hit(str(index), name, popularity) for index, (name, popularity) in enumerate(found)]
    result = match(asked, hits)
    assert result.state in FINAL
    assert (result.hit is not None) == (result.state is State.FETCHED)
    assert result.method or result.reason
    assert result.state is State.NOT_FOUND or hits


@given(anything)
def test_links_never_lead_off_the_configured_base(link: str) -> None:
    request = following(link, "http://api.test/v1", "search")
    assert request is None or request.path.startswith("/")


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://evil.test/v1/albums?offset=5", "/albums"),
        ("http://api.test/v1/albums?offset=5", "/albums"),
        ("/albums?offset=5", "/albums"),
        ("//evil.test/v1/albums?offset=5", "/albums"),
    ],
)
def test_of_a_link_only_path_and_query_are_followed(link: str, path: str) -> None:
    request = following(link, "http://api.test/v1", "albums")
    assert request is not None
    assert (request.path, request.params) == (path, (("offset", "5"),))


@pytest.mark.parametrize(("one", "other"), [("ガ", "カ"), ("バンド", "ハント"), ("สิ", "ส"), ("P!nk", "Pink")])
def test_letters_that_differ_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Björk", "BJORK"), ("Ｐ!ｎｋ", "p!nk"), ("Guns N’ Roses", "guns n' roses"), ("Ё", "е")],
)
def test_letters_that_people_leave_out_fold(one: str, other: str) -> None:
    assert fold(one) == fold(other)
