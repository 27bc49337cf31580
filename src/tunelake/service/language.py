"""Which language to speak, from what the browser says. Pure."""

from __future__ import annotations

from tunelake.service.question import Language


def choose(asked: str | None, remembered: str | None, accept: str) -> Language:
    """Choose between English and Korean.

    Args:
        asked: The address's `lang`, which wins.
        remembered: The choice made before, from a cookie.
        accept: The browser's Accept-Language.
    """
    for text in (asked, remembered):
        if text in {"en", "ko"}:
            return "ko" if text == "ko" else "en"
    return _preferred(accept)


def _preferred(accept: str) -> Language:
    best, weight = "en", -1.0
    for part in accept.split(","):
        tag, _, quality = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary in {"en", "ko"} and _quality(quality) > weight:
            best, weight = primary, _quality(quality)
    return "ko" if best == "ko" and weight > 0 else "en"


def _quality(text: str) -> float:
    value = text.strip().removeprefix("q=")
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0
