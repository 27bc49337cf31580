"""Reasons in words, in English and Korean. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tunelake.domain.cards import Reason

Language = Literal["en", "ko"]

_ALIKE = 0.8  # a sound score from which two artists sound nearly the same
_NEAR = 0.5
_MOST = 3  # things named in one sentence

_FEATURES = {
    "danceability": ("danceability", "춤추기 좋은 정도"),
    "energy": ("energy", "에너지"),
    "loudness": ("loudness", "음량"),
    "speechiness": ("spoken words", "말소리 비중"),
    "acousticness": ("acoustic sound", "어쿠스틱한 정도"),
    "instrumentalness": ("instrumental parts", "연주곡 비중"),
    "liveness": ("live sound", "라이브감"),
    "valence": ("cheerfulness", "밝기"),
    "tempo": ("tempo", "빠르기"),
}


def feature(name: str, language: Language) -> str:
    """Return the name of an audio feature for people; one that is not known stays as it is."""
    english, korean = _FEATURES.get(name, (name, name))
    return korean if language == "ko" else english


def in_words(reason: Reason, language: Language = "en") -> str:
    """Say a reason in one sentence."""
    facts = list(reason.facts[:_MOST])
    more = len(reason.facts) - len(facts)
    if reason.channel == "sound":
        facts = [feature(fact, language) for fact in facts]
    elif reason.channel == "collaboration":
        facts = [f"“{fact}”" if language == "en" else f"‘{fact}’" for fact in facts]
    return _english(reason, facts, more) if language == "en" else _korean(reason, facts, more)


def _english(reason: Reason, facts: Sequence[str], more: int) -> str:
    if reason.channel == "sound":
        degrees = ("Sounds almost the same", "Sounds alike", "Sounds a little alike")
        return f"{_degree(reason.score, degrees)}: {_and(facts)}"
    if reason.channel == "genres":
        return f"Both play {_and([*facts, f'{more} more'] if more else facts)}"
    return f"Made {_and(facts)} together"


def _korean(reason: Reason, facts: Sequence[str], more: int) -> str:
    listed = ", ".join(facts)
    if reason.channel == "sound":
        degrees = ("사운드가 거의 같아요", "사운드가 비슷해요", "사운드가 조금 비슷해요")
        return f"{_degree(reason.score, degrees)}: {listed}"
    if reason.channel == "genres":
        return f"같은 장르예요: {listed}" + (f" 외 {more}개" if more else "")
    return f"함께 만든 곡이 있어요: {listed}"


def _degree(score: float, degrees: tuple[str, str, str]) -> str:
    if score >= _ALIKE:
        return degrees[0]
    return degrees[1] if score >= _NEAR else degrees[2]


def _and(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)
