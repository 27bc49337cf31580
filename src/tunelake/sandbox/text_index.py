"""An index from words to the things named by them, in memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tunelake.sandbox.names import unspaced, words


class TextIndex:
    """Numbers things 0, 1, 2, ... and finds them by the words of their names."""

    def __init__(self, things: Iterable[Sequence[str]]) -> None:
        """Index things, each given by all its names."""
        postings: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        keys: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for number, names in enumerate(things):
            folded = [words(name) for name in names]
            for word in {word for found in folded for word in found}:
                postings[word].append(number)
            for whole in {"".join(found) for found in folded}:
                keys[whole].append(number)
        self._postings = dict(postings)
        self._keys = dict(keys)
        self._words = sorted(self._postings)

    def exact(self, text: str) -> set[int]:
        """The things one of whose names folds to the same as the text."""
        return set(self._keys.get("".join(words(text)), ()))

    def by_word(self, wanted: str) -> set[int]:
        """The things with a word that matches one (folded) word of a query."""
        found: set[int] = set()
        if unspaced(wanted):
            for word in self._words:
                if wanted in word:
                    found.update(self._postings[word])
            return found
        for position in range(bisect_left(self._words, wanted), len(self._words)):
            word = self._words[position]
            if not word.startswith(wanted):
                break
            found.update(self._postings[word])
        return found

    def by_text(self, text: str) -> set[int]:
        """The things that match every word of a query, or fold to the same as the whole of it."""
        sets = [self.by_word(word) for word in words(text)]
        return (set.intersection(*sets) if sets else set()) | self.exact(text)
