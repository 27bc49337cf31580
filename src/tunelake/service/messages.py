"""Every sentence an answer says, in English and Korean."""

from __future__ import annotations

from typing import Final

from tunelake.service.question import Language

_LONGEST: Final = 80  # characters of a name in a sentence
_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "greeting": (
        "Hello! Which artist do you like? Type a name, for example: BTS",
        "안녕하세요! 좋아하는 아티스트가 누구예요? 이름을 입력해 보세요. 예: BTS",
    ),
    "help": (
        "Ask for an artist in your own words, for example “I like Björk” or “에스파 노래 추천해줘”.",
        "아티스트 이름을 편하게 물어보세요. 예: “에스파 노래 추천해줘”, “I like Björk”",
    ),
    "empty": ("Type the name of an artist, for example: BTS", "아티스트 이름을 입력해 주세요. 예: BTS"),
    "card": ("{name}", "{name}"),
    "ambiguous": (
        "Several artists answer to “{name}”. Which one do you mean?",
        "“{name}”에 맞는 아티스트가 여럿이에요. 누구를 찾으세요?",
    ),
    "not_found": ("No artist called “{name}” was found.", "“{name}”에 맞는 아티스트를 찾지 못했어요."),
    "near": ("Did you mean one of these?", "혹시 이 중에 있나요?"),
    "nearly": ("“{name}” was read as {meant}", "“{name}”을(를) {meant}(으)로 읽었어요"),
    "unknown": (
        "“{name}” is not in this collection, and nothing is set up to collect it.",
        "“{name}”은(는) 아직 모아 둔 아티스트가 아니고, 새로 모을 수 있는 설정이 없어요.",
    ),
    "parked": (
        "The source asked us to wait, so “{name}” is not collected yet. Nothing is lost: ask again later.",
        "제공처가 기다려 달라고 해서 “{name}”을(를) 아직 모으지 못했어요. 잠시 뒤 다시 물어봐 주세요.",
    ),
    "busy": (
        "“{name}” has to wait a little: {reason}. Nothing is lost: ask again in a moment.",
        "“{name}”은(는) 조금 기다려야 해요: {reason}. 잠시 뒤 다시 물어봐 주세요.",
    ),
    "until": ("Try again after {time} UTC.", "{time} (UTC) 이후에 다시 시도해 주세요."),
    "error": (
        "“{name}” could not be collected: {reason}",
        "“{name}”을(를) 모으지 못했어요: {reason}",
    ),
    "sandbox": (
        "from the sandbox: popularity, followers and audio features are generated",
        "샌드박스 자료: 인기도, 팔로워 수, 오디오 특성은 생성된 값이에요",
    ),
    "only_name": ("known by name only; not collected yet", "이름만 알려져 있고 아직 모으지 않았어요"),
}


def say(key: str, language: Language, **values: str) -> str:
    """Return a sentence in a language, with the values filled in; of a long name its beginning."""
    english, korean = _TEXTS[key]
    if len(values.get("name", "")) > _LONGEST:
        values["name"] = values["name"][: _LONGEST - 1] + "…"
    return (korean if language == "ko" else english).format(**values)
