from __future__ import annotations

import pytest

from tunelake.collect.asked import read_names
from tunelake.collect.match import match
from tunelake.domain.names import script
from tunelake.domain.states import State
from tunelake.sources.gist import Hit
from tunelake.sources.spotify.endpoints import search_artist


def hits(*names: str | tuple[str, int]) -> list[Hit]:
    pairs = [name if isinstance(name, tuple) else (name, None) for name in names]
    return [Hit(f"id{index}", name, popularity) for index, (name, popularity) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("asked", "found", "chosen", "method"),
    [
        ("BTS", hits("BTS", "BTS Tribute"), "id0", "exact name"),
        ("bjork", hits("Bjork Fan", "Björk"), "id1", "exact name"),
        ("Guns N’ Roses", hits("Guns N' Roses"), "id0", "exact name"),
        ("ＡＢＢＡ", hits("ABBA"), "id0", "exact name"),
        ("!!!", hits("!!!", "!"), "id0", "exact name"),
        ("AC DC", hits("AC/DC", "DC"), "id0", "name but for punctuation"),
        ("Beatles", hits("The Beatles", "Beatle"), "id0", "name but for a leading The"),
        ("The Eagles", hits("Eagles", "The Eagles Band"), "id0", "name but for a leading The"),
        ("The The", hits("The The", "The"), "id0", "exact name"),
        ("방탄소년단", hits("BTS", "Other"), "id0", "search alias"),
        ("米津玄師", hits("Kenshi Yonezu"), "id0", "search alias"),
        ("Кино", hits("Kino"), "id0", "search alias"),
        ("Metalica", hits("Metallica", "Metal"), "id0", "near spelling"),
        ("Bangtan Boys", hits("BTS"), "id0", "search alias"),
        ("Beatles, The", hits("The Beatles"), "id0", "exact name"),
        ("Yonezu Kenshi", hits("Kenshi Yonezu", "Yonezu"), "id0", "words in another order"),
        ("IU (feat. SUGA)", hits("IU", "SUGA"), "id0", "exact name"),
        ("MO", hits("MØ", "Mou"), "id0", "name but for punctuation"),
        ("Florence and the Machine", hits("Florence + The Machine"), "id0", "name but for punctuation"),
        ("방탄소넌단", hits("방탄소년단", "방탄"), "id0", "near spelling"),
        ("Radiohaed", hits("Radiohead", "Radio"), "id0", "near spelling"),
        ("Fayrouz", hits("Fairuz"), "id0", "search alias"),
        ("GD", hits("G-DRAGON"), "id0", "search alias"),
        ("女王", [Hit("id0", "Queen", aliases=("女王",)), Hit("id1", "女王蜂")], "id0", "alias"),
    ],
)
def test_who_is_meant(asked: str, found: list[Hit], chosen: str, method: str) -> None:
    result = match(asked, found)
    assert result.hit is not None
    assert (result.hit.id, result.method, result.state) == (chosen, method, State.FETCHED)


def test_less_certain_ways_say_so() -> None:
    sure = match("BTS", hits("BTS")).confidence
    alias = match("방탄소년단", hits("BTS")).confidence
    assert sure == 1.0
    assert alias is not None
    assert alias < sure


def test_nobody_found_and_nobody_of_that_name() -> None:
    assert match("Zzz", []).state is State.NOT_FOUND
    result = match("Bangtan Boys", hits("Boys", "Bangtan Band"))
    assert result.state is State.AMBIGUOUS
    assert result.reason
    assert [one.name for one in result.candidates] == ["Boys", "Bangtan Band"]


def test_several_of_the_same_name_are_ambiguous_with_candidates() -> None:
    result = match("bush", hits("Bush", "BUSH", "Other"))
    assert result.state is State.AMBIGUOUS
    assert [one.artist_id for one in result.candidates] == ["id0", "id1"]
    assert "2 artists" in result.reason


def test_one_that_is_far_more_popular_is_meant_and_the_method_says_so() -> None:
    result = match("nirvana", hits(("nirvana", 3), ("Nirvana", 80)))
    assert result.hit is not None
    assert result.hit.id == "id1"
    assert "most popular" in (result.method or "")
    assert match("nirvana", hits(("nirvana", 60), ("Nirvana", 80))).state is State.AMBIGUOUS


def test_spelling_to_the_letter_decides_where_popularity_does_not() -> None:
    result = match("BUSH", hits(("Bush", 50), ("BUSH", 45)))
    assert result.hit is not None
    assert result.hit.id == "id1"


def test_a_slip_in_a_short_name_is_another_name() -> None:
    assert match("Korn", hits("Horn", "Kern")).state is State.AMBIGUOUS


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Rad", hits("Radiohead")),
        ("David Bowen", hits("David Bowie")),
        ("Dewa 18", hits("Dewa 19")),
        ("+/-", hits("!!!")),
        ("김지우", hits("김지수")),
        ("王菲", hits("王非")),
    ],
)
def test_who_is_only_alike_is_asked_about_and_not_taken(asked: str, found: list[Hit]) -> None:
    result = match(asked, found)
    assert (result.state, result.hit) == (State.AMBIGUOUS, None)
    assert [one.artist_id for one in result.candidates] == ["id0"]


def test_two_that_are_one_slip_away_are_asked_about() -> None:
    result = match("Silverbind", hits("Silverbird", "Silvermind"))
    assert result.state is State.AMBIGUOUS
    assert "nearly this name" in result.reason
    assert {one.score for one in result.candidates} == {0.9}


def test_what_is_searched_for_has_its_article_in_place_and_no_guests() -> None:
    asked = {
        "Beatles, The": "The Beatles",
        "IU feat. SUGA": "IU",
        "Little Feat": "Little Feat",
        "The, The": "The The",
    }
    assert {name: search_artist(name).param("q") for name in asked} == asked


def test_kana_with_and_without_its_marks_are_different_names() -> None:
    assert match("ハント", hits("バンド", "ハンド")).state is State.AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "of"), [("BTS", "LATIN"), ("방탄", "HANGUL"), ("米津ケン", "CJK"), ("10", ""), ("😀", "")]
)
def test_scripts(text: str, of: str) -> None:
    assert script(text) == of


def test_a_list_of_names_as_people_make_it() -> None:
    typed = ["\ufeffBTS\r\n", "", "  bts ", "x" * 5000, "\x00\x07", "Guns N’ Roses", "A\tB", "😀"]
    lines = [*typed, "\u200f\u202e", "\u202eBTS\u202c"]
    asked = read_names(lines)
    assert [one.text for one in asked][:2] == ["BTS", "bts"]
    assert asked[1].same_as == "BTS"
    assert "5000 characters" in asked[2].problem
    assert "invisible" in asked[3].problem
    assert asked[4].name == "Guns N' Roses"
    assert asked[5].name == "A B"
    assert asked[6].name == "😀"
    assert "invisible" in asked[7].problem
    assert (asked[8].name, asked[8].same_as) == ("BTS", "BTS")
    assert len(asked) == 9
