from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunelake.domain.names import fold
from tunelake.service.question import LONGEST, ask, clean

REQUESTS = [
    ("BTS 좋아해", "BTS", "ko"),
    ("나는 에스파가 좋아", "에스파", "ko"),
    ("방탄소년단 노래 추천해줘", "방탄소년단", "ko"),
    ("에스파랑 비슷한 가수 알려줘", "에스파", "ko"),
    ("에스파 같은 가수 추천해 주세요", "에스파", "ko"),
    ("에스파의 노래를 들려줘", "에스파", "ko"),
    ("요즘 뉴진스 노래를 자주 들어요", "뉴진스", "ko"),
    ("내가 제일 좋아하는 가수는 아이유야", "아이유", "ko"),
    ("최애는 세븐틴이에요", "세븐틴", "ko"),
    ("이하이 좋아해요", "이하이", "ko"),
    ("BTS팬이야", "BTS", "ko"),
    ("BTS처럼", "BTS", "ko"),
    ("I like Björk", "Björk", "en"),
    ("i really love Sigur Rós!", "Sigur Rós", "en"),
    ("who sounds like Sigur Rós?", "Sigur Rós", "en"),
    ("Show me artists like P!nk please", "P!nk", "en"),
    ("Guns N' Roses songs", "Guns N' Roses", "en"),
    ('Do you know "Sigur Rós"?', "Sigur Rós", "en"),
    ("my favourite band is The The", "The The", "en"),
    ("can you recommend something similar to AC/DC", "AC/DC", "en"),
    ("AC/DC", "AC/DC", "en"),
    ("The The", "The The", "en"),
    ("!!!", "!!!", "en"),
    ("10cc", "10cc", "en"),
    ("米津玄師", "米津玄師", "en"),
]
HOSTILE = [
    "'; DROP TABLE artists; --",
    '{"$gt": ""}',
    "<script>alert(1)</script>",
    "🎵🔥👩‍👩‍👧",
    "x" * 5000,
    "가" * 5000,
    "\x00\x01\x1b[31mBTS\x7f",
    "\u202eBTS\u202c",
    "a\ud800b",
    "%s %(name)s {0} {name}",
    "ﷺ" * 300,
    "?" * 900,
    "좋아 " * 800,
    "i like " * 800,
]


@pytest.mark.parametrize(("text", "name", "language"), REQUESTS)
def test_finds_the_name_in_a_request(text: str, name: str, language: str) -> None:
    question = ask(text)

    assert question.kind == "artist"
    assert name in question.names
    assert name in question.searches
    assert question.language == language


@pytest.mark.parametrize(
    "text", ["AC/DC", "The The", "!!!", "I Like Trains", "좋아서 하는 밴드", "Who Is Fancy"]
)
def test_the_untouched_text_is_the_first_name(text: str) -> None:
    assert ask(text).names[0] == text


def test_a_name_that_looks_like_a_weak_request_is_searched_whole_first() -> None:
    assert ask("I Like Trains").searches[:2] == ("I Like Trains", "Trains")
    assert ask("i like trains").searches[:2] == ("i like trains", "trains")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I like 에스파", "에스파"),
        ("play 米津玄師", "米津玄師"),
        ("I like Björk", "Björk"),
        ("나는 BTS", "BTS"),
    ],
)
def test_words_of_another_script_or_size_are_not_searched_with_the_name(text: str, name: str) -> None:
    assert ask(text).searches[0] == name


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200e", "\n\t", "\x00"])
def test_nothing_to_read_is_empty(text: str) -> None:
    assert ask(text).kind == "empty"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Hello!", "greeting"), ("안녕하세요", "greeting"), ("help", "help"), ("도움말", "help")],
)
def test_greetings_and_help_keep_their_words_as_a_name(text: str, kind: str) -> None:
    question = ask(text)

    assert question.kind == kind
    assert question.names == (text,)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_read_within_bounds(text: str) -> None:
    question = ask(text)

    assert all(len(name) <= LONGEST for name in question.names)
    assert len(question.searches) <= 3
    assert not any(ord(character) < 32 for name in question.names for character in name)


def test_direction_marks_and_control_characters_are_no_part_of_a_name() -> None:
    assert ask("\u202eBTS\u202c").names[0] == "BTS"
    assert clean("B\x00T\u2066S") == "B TS"


@given(st.text(max_size=400))
def test_any_text_gives_a_question(text: str) -> None:
    question = ask(text)

    assert question.kind == "empty" or question.names
    assert all(fold(name) for name in question.names)
    assert len({fold(name) for name in question.names}) == len(question.names)


@given(st.text(max_size=100))
def test_a_name_that_is_the_whole_text_is_never_lost(text: str) -> None:
    question = ask(text)

    if question.kind != "empty":
        assert question.names[0] == clean(text)


NAME = st.text(st.sampled_from("BTSaespa에스파뉴진스björk0123"), min_size=2, max_size=8)


@given(
    NAME, st.sampled_from(["{} 좋아해", "who sounds like {}?", "{} 노래 추천해줘", "my favourite band is {}"])
)
def test_a_request_with_a_plain_name_offers_that_name(name: str, request: str) -> None:
    assert fold(name) in {fold(found) for found in ask(request.format(name)).names}
