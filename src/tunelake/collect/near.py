"""How far apart two names are, as people slip: a letter, or one jamo of a Hangul syllable. Pure.

A slip is a letter too many, too few, another, or two that changed places. How many may pass for slips
depends on how much of a name is left beside them: in a short name another letter is another name.
"""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import OSA

from tunelake.domain.names import bare, script

# Letters (jamo, for Hangul) a name has to have for one slip, and for two. A Chinese character is a word
# of its own, so that there is no slip in it; names all in kana are long enough for one.
_ALPHABET = (5, 12)
_LENGTHS = {"HANGUL": (9, 18), "KANA": (5, 12), "CJK": ()}
_DIGITS = re.compile(r"\d+")


def letters(folded: str) -> str:
    """What a slip is counted in: letters and digits; Hangul syllables taken apart."""
    plain = bare(folded)
    return unicodedata.normalize("NFD", plain) if script(plain) == "HANGUL" else plain


def likeness(one: str, other: str) -> float:
    """How alike two folded names are, 0 to 1; names of symbols are alike or not."""
    first, second = letters(one), letters(other)
    if not first or not second:
        return float(one == other)
    return float(OSA.normalized_similarity(first, second))


def slips(one: str, other: str) -> int | None:
    """How many slips two folded names are apart; None when it is more than slips that parts them."""
    first, second = letters(one), letters(other)
    shorter = min(first, second, key=len)
    # "Blink-182" and "Blink-183" differ in more than a slip.
    if not shorter or _DIGITS.findall(first) != _DIGITS.findall(second):
        return None
    allowed = sum(len(shorter) >= length for length in _lengths(shorter))
    apart = OSA.distance(first, second, score_cutoff=allowed)
    return apart if apart <= allowed else None


def _lengths(text: str) -> tuple[int, ...]:
    kind = script(text)
    if kind == "CJK" and not any(unicodedata.name(c, "").startswith("CJK") for c in text):
        kind = "KANA"
    return _LENGTHS.get(kind, _ALPHABET)
