"""Folding names so that the same name, typed differently, is the same."""

from __future__ import annotations

import unicodedata

_TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"',
                              "–": "-", "—": "-", "‐": "-", "\u00a0": " ", "\ufeff": "", "\u200b": "",
                              "\u200e": "", "\u200f": "", "&": " and "})  # fmt: skip

# Marks that people leave out: accents of Latin, Greek and Cyrillic, points of Hebrew, vowels of Arabic.
# The marks of kana and of Indic scripts make other letters, so they stay.
_ACCENTS = dict.fromkeys(
    [*range(0x0300, 0x0370), *range(0x0591, 0x05C8), *range(0x064B, 0x0656), 0x0640, 0x0670]
)


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
