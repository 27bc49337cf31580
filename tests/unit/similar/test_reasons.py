from __future__ import annotations

from typing import Literal

import pytest

from tunelake.domain.cards import Reason
from tunelake.similar.reasons import feature, in_words


def reason(channel: Literal["sound", "genres", "collaboration"], score: float, *facts: str) -> Reason:
    return Reason(channel=channel, score=score, facts=facts)


@pytest.mark.parametrize(
    ("given", "english", "korean"),
    [
        (reason("genres", 0.5, "k-pop"), "Both play k-pop", "같은 장르예요: k-pop"),
        (
            reason("genres", 0.5, "a", "b", "c", "d", "e"),
            "Both play a, b, c and 2 more",
            "같은 장르예요: a, b, c 외 2개",
        ),
        (
            reason("collaboration", 0.75, "Song", "It's"),
            "Made “Song” and “It's” together",
            "함께 만든 곡이 있어요: ‘Song’, ‘It's’",
        ),
        (
            reason("sound", 0.9, "energy", "speechiness"),
            "Sounds almost the same: energy and spoken words",
            "사운드가 거의 같아요: 에너지, 말소리 비중",
        ),
        (reason("sound", 0.6, "energy"), "Sounds alike: energy", "사운드가 비슷해요: 에너지"),
        (reason("sound", 0.1, "energy"), "Sounds a little alike: energy", "사운드가 조금 비슷해요: 에너지"),
    ],
)
def test_reasons_are_said_in_english_and_korean(given: Reason, english: str, korean: str) -> None:
    assert in_words(given) == english
    assert in_words(given, "ko") == korean


@pytest.mark.parametrize("name", ["liveness", "valence", "tempo", "danceability"])
def test_every_feature_has_a_korean_name(name: str) -> None:
    assert not feature(name, "ko").isascii()
    assert feature("unheard_of", "ko") == "unheard_of"
