from __future__ import annotations

import io

import pytest
from rich.console import Console

from tunelake.domain.cards import Reason
from tunelake.service import invented, text, words
from tunelake.service.answer import Answer, Answerer
from tunelake.service.memory import MemoryCatalogue


@pytest.fixture
def answer() -> Answer:
    catalogue = MemoryCatalogue(invented.artists())
    return Answerer(catalogue, catalogue).ask("달빛정거장 좋아해")


def test_plain_text_says_everything_of_the_card(answer: Answer) -> None:
    said = text.plain(answer)

    assert said.startswith("달빛정거장\n장르: ")
    for part in (
        "인기도: 88/100",
        "인기곡:",
        "  1. ",
        "비슷한 아티스트:",
        "출처: sandbox, 2026-11-22 09:30 UTC",
        "샌드박스",
    ):
        assert part in said


def test_the_terminal_shows_the_same(answer: Answer) -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    console.print(text.rendered(answer))
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO from above

    assert answer.document is not None
    for part in (
        "달빛정거장",
        "dream folk",
        answer.document.top_tracks[0].name,
        answer.document.neighbours[0].name,
    ):
        assert part in shown


def test_markup_in_names_stays_text() -> None:
    catalogue = MemoryCatalogue([d for d in invented.artists() if d.name == "10km"])
    answer = Answerer(catalogue, catalogue).ask("[bold]nobody[/bold]")
    console = Console(file=io.StringIO(), width=200)
    console.print(text.rendered(answer))

    assert "[bold]nobody[/bold]" in console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO


@pytest.mark.parametrize(
    ("number", "english", "korean"),
    [
        (None, "–", "–"),
        (7, "7", "7"),
        (1200, "1.2K", "1,200"),
        (45_600_000, "46M", "4,560만"),
        (3_000_000, "3M", "300만"),
    ],
)
def test_counts_in_few_characters(number: int | None, english: str, korean: str) -> None:
    assert words.compact(number, "en") == english
    assert words.compact(number, "ko") == korean


@pytest.mark.parametrize(
    ("milliseconds", "said"), [(None, ""), (187_400, "3:07"), (59_600, "1:00"), (0, "0:00")]
)
def test_playing_times(milliseconds: int | None, said: str) -> None:
    assert words.duration(milliseconds) == said


def test_a_reason_without_facts_is_its_kind() -> None:
    assert words.reason(Reason(channel="genres", score=1), "en") == "shares genres"
    assert words.reason(Reason(channel="collaboration", score=1), "ko") == "함께 작업했어요"
