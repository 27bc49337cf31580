"""Folding names so that the same name, typed differently, is the same."""

from __future__ import annotations

import unicodedata

_TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"',
                              "–": "-", "—": "-", "‐": "-", "\u00a0": " ", "\ufeff": "", "\u200b": "",
                              "\u200e": "", "\u200f": "", "&": " and "})  # fmt: skip


def fold(name: str) -> str:
    """Fold case, width, accents, typographic variants and spacing; keeps symbols ("!!!", "P!nk").

    Two names that fold to the same text are the same name to a person. An empty result means that
    the text held no name.
    """
    text = unicodedata.normalize("NFKC", name).translate(_TYPOGRAPHIC).casefold()
    stripped = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return " ".join(unicodedata.normalize("NFC", stripped).split())


def without_article(folded: str) -> str:
    """Drop a leading "the " of a folded name ("the beatles" -> "beatles"); "the the" stays."""
    rest = folded.removeprefix("the ")
    return rest if rest and rest != "the" else folded
