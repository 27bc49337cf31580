"""Reasons and figures in words, English and Korean. Pure."""

from __future__ import annotations

from typing import Final

from tunelake.domain.cards import Neighbour, Reason
from tunelake.service.question import Language
from tunelake.similar import reasons as evidence

_CHANNELS: Final = {
    "sound": ("sounds alike", "소리가 비슷해요"),
    "genres": ("shares genres", "장르가 같아요"),
    "collaboration": ("worked together", "함께 작업했어요"),
}


def channel(name: str, language: Language) -> str:
    """Return the name of a kind of evidence for people."""
    english, korean = _CHANNELS.get(name, (name, name))
    return korean if language == "ko" else english


def feature(name: str, language: Language) -> str:
    """Return the name of an audio feature for people."""
    return evidence.feature(name, language)


def reason(why: Reason, language: Language) -> str:
    """Return one reason in words; without facts, its kind alone."""
    return evidence.in_words(why, language) if why.facts else channel(why.channel, language)


def ranked(neighbour: Neighbour, language: Language) -> list[str]:
    """Return all reasons of a similar artist in words, strongest first."""
    return [reason(why, language) for why in sorted(neighbour.reasons, key=lambda why: -why.score)]


def reasons(neighbour: Neighbour, language: Language) -> str:
    """Return all reasons of a similar artist, strongest first, as one line."""
    return "; ".join(ranked(neighbour, language))


def count(number: int | None) -> str:
    """Return a count with thousands set apart; a dash when the source does not tell."""
    return "–" if number is None else f"{number:,}"


def compact(number: int | None, language: Language) -> str:
    """Return a count in few characters: "1.2M", "34K"; in Korean "123만"."""
    if number is None:
        return "–"
    steps = ((10**8, "억"), (10**4, "만")) if language == "ko" else ((10**9, "B"), (10**6, "M"), (10**3, "K"))
    for size, unit in steps:
        if number >= size:
            value = number / size
            return f"{value:.1f}".removesuffix(".0") + unit if value < 10 else f"{value:,.0f}{unit}"  # noqa: PLR2004  (two digits are enough)
    return f"{number:,}"


def duration(milliseconds: int | None) -> str:
    """Return a playing time as minutes and seconds ("3:07"); empty when not known."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes}:{seconds:02d}"
