"""Texts made of two words of a vocabulary, and which of them a word of a query can be found in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tunelake.sandbox.names import key, unspaced, word_matches

Box = tuple[frozenset[int] | None, frozenset[int] | None]
"""First words and second words; None stands for all."""

_WORDS_KEPT = 256


class Pairs:
    """A first and a second vocabulary, folded; `spaced` tells whether a space stands between the words."""

    def __init__(self, first: Sequence[str], second: Sequence[str], *, spaced: bool) -> None:
        self._first = [key(word) for word in first]
        self._second = [key(word) for word in second]
        self._first_at = _places(self._first)
        self._second_at = _places(self._second)
        self._longest = max(map(len, self._first), default=0)
        self._spaced = spaced
        self._found = lru_cache(maxsize=_WORDS_KEPT)(self._find)

    def boxes(self, wanted: str) -> tuple[Box, ...]:
        """The pairs in which a word of a query is found; boxes may overlap."""
        return self._found(wanted)

    def _find(self, wanted: str) -> tuple[Box, ...]:
        found: list[Box] = []
        first = _matching(self._first, wanted)
        second = _matching(self._second, wanted) if self._spaced else self._inside_second(wanted)
        if first:
            found.append((first, None))
        if second:
            found.append((None, second))
        if not self._spaced:
            found.extend(self._across(wanted))
        return tuple(found)

    def exact(self, text: str, *, swapped: bool = False, between: str = "") -> Iterator[tuple[int, int]]:
        """The pairs that spell a text, run together with something fixed between them."""
        heads, tails = (self._second_at, self._first_at) if swapped else (self._first_at, self._second_at)
        for cut in range(1, len(text)):
            if not text.startswith(between, cut):
                continue
            for head in heads.get(text[:cut], ()):
                for tail in tails.get(text[cut + len(between) :], ()):
                    yield (tail, head) if swapped else (head, tail)

    def _inside_second(self, wanted: str) -> frozenset[int]:
        """Without a space the second word is no beginning: only parts of unspaced scripts are found."""
        if not unspaced(wanted):
            return frozenset()
        return frozenset(place for place, word in enumerate(self._second) if wanted in word)

    def _across(self, wanted: str) -> Iterator[Box]:
        for cut in range(1, min(len(wanted) - 1, self._longest) + 1):
            head, tail = wanted[:cut], wanted[cut:]
            firsts = [one for one, word in enumerate(self._first) if word.endswith(head)]
            whole = [one for one in firsts if word_matches(wanted, self._first[one] + tail)]
            seconds = [one for one, word in enumerate(self._second) if word.startswith(tail)]
            if whole and seconds:
                yield frozenset(whole), frozenset(seconds)


def _places(words: Sequence[str]) -> dict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        places[word].append(place)
    return dict(places)


def _matching(words: Sequence[str], wanted: str) -> frozenset[int]:
    if unspaced(wanted):
        return frozenset(place for place, word in enumerate(words) if wanted in word)
    return frozenset(place for place, word in enumerate(words) if word.startswith(wanted))
