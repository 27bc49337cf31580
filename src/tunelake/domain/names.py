"""Folding names so that the same name, typed differently, is the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

_TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"',
                              "–": "-", "—": "-", "‐": "-", "\u00a0": " ", "\ufeff": "", "\u200b": "",
                              "\u200e": "", "\u200f": "", "&": " and "})  # fmt: skip

# Marks that people leave out: accents of Latin, Greek and Cyrillic, points of Hebrew, vowels of Arabic.
# The marks of kana and of Indic scripts make other letters, so they stay.
_ACCENTS = dict.fromkeys(
    [*range(0x0300, 0x0370), *range(0x0591, 0x05C8), *range(0x064B, 0x0656), 0x0640, 0x0670]
)
# Letters that are no letter with an accent, and are typed as one where a keyboard lacks them.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
                          "ħ": "h", "ς": "σ"})  # fmt: skip
_ARTICLE = "the|a|an|los|las|les|le|la|el|die|der|das|os|il|i|gli"
_LAST_ARTICLE = re.compile(rf"^(.*\S)\s*,\s*({_ARTICLE})$", re.IGNORECASE)
_GUESTS = re.compile(r"^(.*\S)\s+[(\[]?\s*(?:feat\.?|ft\.?|featuring|피처링)\s+\S", re.IGNORECASE)
_AND = frozenset({"and", "et", "und", "y", "e", "n", "n'", "'n", "'n'", "+"})
_VOWELS = re.compile("[aeiouywh]")
_DOUBLE = re.compile(r"(.)\1+")
_ONE_SCRIPT = {"HIRAGANA": "CJK", "KATAKANA": "CJK"}


def fold(name: str) -> str:
    """Fold case, width, accents, typographic variants and spacing; keeps symbols ("!!!", "P!nk").

    Two names that fold to the same text are the same name to a person. An empty result means that
    the text held no name.
    """
    text = unicodedata.normalize("NFKC", name).translate(_TYPOGRAPHIC).casefold()
    plain = unicodedata.normalize("NFD", text).translate(_ACCENTS)
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def without_article(folded: str) -> str:
    """Drop a leading "the " of a folded name ("the beatles" -> "beatles"); "the the" stays."""
    rest = folded.removeprefix("the ")
    return rest if rest and rest != "the" else folded


def bare(folded: str) -> str:
    """Letters and digits alone ("ac/dc" -> "acdc", "mø" -> "mo"), no "and"; empty for symbols ("!!!")."""
    words = folded.translate(_LETTERS).split()
    names = [word for word in words if word not in _AND]
    # "R E M" is spelled, not "R and M".
    text = "".join(names if names and all(len(word) > 1 for word in names) else words)
    # The vowels of Indic scripts and of Thai are marks (M): without them it is another word.
    return "".join(c for c in text if unicodedata.category(c)[0] in "LNM")


def consonants(folded: str) -> str:
    """What stays the same when a name is spelled after its sound in Latin letters ("fairuz", "fayrouz")."""
    return _DOUBLE.sub(r"\1", _VOWELS.sub("", bare(folded)))


def initials(folded: str) -> str:
    """The first letters of its words ("g-dragon" -> "gd")."""
    return "".join(word[0] for word in re.findall(r"\w+", folded))


def in_order(name: str) -> str:
    """Put an article that was set last into its place ("Beatles, The" -> "The Beatles")."""
    found = _LAST_ARTICLE.match(name)
    return f"{found[2]} {found[1]}" if found else name


def without_guests(name: str) -> str:
    """The artist before "feat." and the like ("IU feat. SUGA" -> "IU")."""
    found = _GUESTS.match(name)
    return found[1] if found else name


def readings(name: str) -> Iterator[str]:
    """What a name may stand for, as typed first: its article in place, its guests left out."""
    yield from dict.fromkeys((name, in_order(name), without_guests(in_order(name))))


def searched(name: str) -> str:
    """What to search for: an article set last and guests only keep a search from finding the artist."""
    return without_guests(in_order(name))


def script(text: str) -> str:
    """The script most letters are in ("LATIN", "HANGUL", "CJK" with kana, ...); empty without letters."""
    names = (unicodedata.name(c, "").split(" ")[0] for c in text if c.isalpha())
    counted = Counter(_ONE_SCRIPT.get(name, name) for name in names if name)
    return counted.most_common(1)[0][0] if counted else ""
