"""Folding of names for search: two spellings that people take for the same name fold alike."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_APOSTROPHES = dict.fromkeys(map(ord, "'`´\u2018\u2019\u02bc\uff07"))
# Latin, Greek and Cyrillic accents; Arabic vowel signs and tatweel
_MARKS = {*range(0x0300, 0x0370), *range(0x064B, 0x0656), 0x0640, 0x0670}
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ς": "σ"}
)


class _Plain(dict[int, str | None]):
    """What becomes of each character: marks of accent vanish, punctuation becomes a space."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        if code in _MARKS:
            self[code] = None
        elif unicodedata.category(char)[0] in "PSZC":
            self[code] = " "
        else:
            self[code] = char
        return self[code]


_PLAIN = _Plain()


@lru_cache(maxsize=65_536)
def strict(text: str) -> str:
    """The text with case, width and outer or doubled spaces folded, and nothing else."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, with case, width, accents and punctuation folded.

    A text of nothing but punctuation ("!!!") is one word: itself.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    if not folded.isascii():
        folded = unicodedata.normalize("NFD", folded)
    folded = folded.translate(_PLAIN)
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", folded).translate(_LETTERS)
    found = tuple(folded.split())
    if found:
        return found
    bare = "".join(strict(text).split())
    return (bare,) if bare else ()


def key(text: str) -> str:
    """The words run together: equal for "AC/DC", "acdc" and "AC DC"."""
    return "".join(words(text))


def unspaced(word: str) -> bool:
    """Whether a word is in a script that does not put spaces between words, so that parts of it count."""
    return any(
        "\u3040" <= char <= "\u30ff"
        or "\u3400" <= char <= "\u9fff"
        or "\uac00" <= char <= "\ud7a3"
        or "\u0e00" <= char <= "\u0e7f"
        for char in word
    )


def word_matches(wanted: str, word: str) -> bool:
    """Whether a word of a query matches a word of a name: as its beginning, or anywhere if unspaced."""
    return word.startswith(wanted) or (wanted in word and unspaced(wanted))


def matches(query: str, *texts: str) -> bool:
    """Whether every word of the query matches a word of one of the texts. An empty query matches nothing."""
    wanted = words(query)
    have = [word for text in texts for word in words(text)]
    return bool(wanted) and all(any(word_matches(want, word) for word in have) for want in wanted)


def exactness(query: str, names: tuple[str, ...]) -> int:
    """0 when the query is one of the names, 1 when it folds to one, 2 otherwise."""
    plain = strict(query)
    if any(strict(name) == plain for name in names):
        return 0
    folded = key(query)
    return 1 if any(key(name) == folded for name in names) else 2
