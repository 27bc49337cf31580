"""Names a slip of the pen away, by looking words up and no more. Pure.

Two texts that are one letter apart (one too many, too few, another, or two that changed places) have a text
in common when a letter is left out of each, at every place in turn. So a name is kept under all texts that
are it less one letter, and what was typed is looked up the same way.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec
from rapidfuzz.distance import OSA

from tunelake.domain.names import bare

LONGEST = 48  # letters; who writes more copies them
_COMPARED = 200  # letters of a name that are compared at all
_WORDS = re.compile(r"\w+")
_HANGUL = re.compile("[\uac00-\ud7a3]")


class Spelling(msgspec.Struct, frozen=True, array_like=True):
    """How a name is compared.

    Attributes:
        forms: Its letters; Hangul by jamo, then by syllable; symbols as they are.
        order: Its words in the order of the alphabet; empty for one word.
    """

    forms: tuple[str, ...]
    order: str


def spelling(folded: str) -> Spelling:
    """Take a folded name apart."""
    text = folded[:_COMPARED]
    plain = bare(text)
    forms: tuple[str, ...] = (plain or text,) if plain or text else ()
    if _HANGUL.search(plain):
        forms = (unicodedata.normalize("NFD", plain), plain)
    words: list[str] = _WORDS.findall(text)
    if not text.isascii():
        words = [bare(word) for word in words]
    return Spelling(forms, "\0".join(sorted(words)) if len(words) > 1 else "")


def keys(spelled: Spelling) -> set[str]:
    """The texts under which a name is kept and looked up."""
    found = {spelled.order, *spelled.forms} - {""}
    for form in spelled.forms:
        if 1 < len(form) <= LONGEST:
            found.update([form[:at] + form[at + 1 :] for at in range(len(form))])
    return found


def apart(one: Spelling, other: Spelling) -> int:
    """Count the slips between two names; the same words in another order are one slip."""
    distances = [OSA.distance(mine, theirs) for mine, theirs in zip(one.forms, other.forms, strict=False)]
    found = min(distances, default=_COMPARED)
    return min(found, 1) if one.order and one.order == other.order else found
