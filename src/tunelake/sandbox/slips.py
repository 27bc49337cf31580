"""What a search forgives: names a letter or two, or a jamo of a Hangul syllable, from what was typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tunelake.sandbox.names import key

_ALIKE = 0.8  # of the letters; below that a search finds nothing
_SHORTEST = 4
_LONGEST = 100
_MOST = 10


class Slips:
    """Finds ids by names that are nearly the one typed."""

    def __init__(self, named: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Take ids with all their names."""
        spelled = [(one, _letters(name)) for one, names in named for name in names]
        self._ids = [one for one, _ in spelled]
        self._names = [letters for _, letters in spelled]

    def near(self, text: str) -> list[str]:
        """The ids, nearest first; none for a text too short to have a slip in it."""
        typed = _letters(text[: _LONGEST + 1])
        if not _SHORTEST <= len(typed) <= _LONGEST:
            return []
        found = process.extract(
            typed, self._names, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=_MOST
        )
        return list(dict.fromkeys(self._ids[place] for _, _, place in found))


def _letters(name: str) -> str:
    """Letters and digits, Hangul taken apart."""
    return unicodedata.normalize("NFD", key(name))
