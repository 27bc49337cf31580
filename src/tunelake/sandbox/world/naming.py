"""Names of a language, numbered so that a name is made from its number and found again without a list.

Name n has first word n mod W; its second word and its form move on with n // W. So the names with a given
word lie at known distances from each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from tunelake.sandbox.draw import Draw, mix
from tunelake.sandbox.names import word_matches, words
from tunelake.sandbox.world.pairs import Box, Pairs
from tunelake.sandbox.world.tongues import Tongue, Word, made_words

# One name in so many is also borne by the artist so many numbers before: two artists, one name.
_HOMONYM_EVERY = 151
_HOMONYM_BACK = 37
_HOLES = re.compile(r"\{[ab]\}")

Look = tuple[Box, frozenset[int] | None]
"""Words and forms of names; None stands for all."""

_WORDS_KEPT = 256  # words of queries whose places are remembered, in each language


class Naming:
    """The first `count` names of a language."""

    def __init__(self, tongue: Tongue, *, count: int, seed: int) -> None:
        draw = Draw(seed, 31)
        self._first: list[Word] = draw.shuffled(made_words(tongue.first, tongue.first_tails))
        self._second: list[Word] = draw.shuffled(made_words(tongue.second, tongue.second_tails))
        self._key = draw.bits()
        self._count = count
        self._forms = tongue.forms
        self._roman_forms = tongue.roman_forms
        spaced = "{a}{b}" not in tongue.forms[0]
        self._scripts = [(self._forms, self._pairs(roman=False, spaced=spaced))]
        if tongue.roman_forms:
            self._scripts.append((self._roman_forms, self._pairs(roman=True, spaced=True)))
        self._lookup = lru_cache(maxsize=_WORDS_KEPT)(self._looks)

    def name(self, number: int) -> str:
        """A name, in the language's own script."""
        first, second, form = self._parts(_meant(number))
        return self._forms[form].format(a=self._first[first].native, b=self._second[second].native)

    def aliases(self, number: int) -> tuple[str, ...]:
        """The name in Latin letters, where the language has others."""
        if not self._roman_forms:
            return ()
        first, second, form = self._parts(_meant(number))
        return (self._roman_forms[form].format(a=self._first[first].roman, b=self._second[second].roman),)

    def exact(self, folded: str) -> set[int]:
        """The numbers of names that fold to the same as a (folded) text."""
        found: set[int] = set()
        for forms, pairs in self._scripts:
            for place, form in enumerate(forms):
                before, between, after = ("".join(_fixed(part)) for part in _HOLES.split(form))
                if not (folded.startswith(before) and folded.endswith(after)):
                    continue
                middle = folded[len(before) : len(folded) - len(after)]
                swapped = form.index("{b}") < form.index("{a}")
                for first, second in pairs.exact(middle, swapped=swapped, between=between):
                    box = (frozenset({first}), frozenset({second}))
                    found.update(self._numbers(box, frozenset({place})))
        return set(self._bearers(found))

    def by_words(self, wanted: tuple[str, ...], *, most: int) -> set[int]:
        """The numbers of names that match every (folded) word of a query.

        The rarest word is walked back to names, which are then compared with the others. When even that
        word is likely to be in more than `most` names, none is looked for.
        """
        if not wanted:
            return set()
        rarest = min(wanted, key=self._expected_with)
        if self._expected_with(rarest) > most:
            return set()
        found = {number for box, forms in self._lookup(rarest) for number in self._numbers(box, forms)}
        bearers = set(self._bearers(found))
        others = [word for word in wanted if word != rarest]
        return {one for one in bearers if self._has(one, others)} if others else bearers

    def expected(self, wanted: tuple[str, ...]) -> float:
        """About how many names have the rarest of the (folded) words of a query: none have all more often."""
        return min(map(self._expected_with, wanted), default=0)

    def matcher(self, wanted: tuple[str, ...]) -> Callable[[int], bool] | None:
        """Tells of a number whether its name matches every (folded) word; None when no name does."""
        looks = [self._lookup(word) for word in wanted]
        if not all(looks):
            return None

        def fits(number: int) -> bool:
            parts = self._parts(_meant(number))
            return all(any(_lies_in(look, parts) for look in of_word) for of_word in looks)

        return fits

    def _expected_with(self, word: str) -> float:
        return sum(map(self._share, self._lookup(word))) * self._count

    def _has(self, number: int, wanted: list[str]) -> bool:
        have = [word for name in (self.name(number), *self.aliases(number)) for word in words(name)]
        return all(any(word_matches(want, word) for word in have) for want in wanted)

    def _looks(self, wanted: str) -> tuple[Look, ...]:
        """Where the names with a word that matches one word of a query lie; the parts may overlap."""
        found: list[Look] = []
        for forms, pairs in self._scripts:
            found.extend((box, None) for box in pairs.boxes(wanted))
            fixed = frozenset(
                place
                for place, form in enumerate(forms)
                if any(word_matches(wanted, word) for word in _fixed(_HOLES.sub(" ", form)))
            )
            if fixed:
                found.append(((None, None), fixed))
        return tuple(found)

    def _share(self, look: Look) -> float:
        """Which part of all names lies there."""
        (first, second), forms = look
        share = 1.0 if first is None else len(first) / len(self._first)
        share *= 1.0 if second is None else len(second) / len(self._second)
        return share * (1.0 if forms is None else len(forms) / len(self._forms))

    def _pairs(self, *, roman: bool, spaced: bool) -> Pairs:
        first = [word.roman if roman else word.native for word in self._first]
        second = [word.roman if roman else word.native for word in self._second]
        return Pairs(first, second, spaced=spaced)

    def _offsets(self, first: int) -> tuple[int, int]:
        scattered = mix(self._key + first)
        return scattered % len(self._second), (scattered >> 32) % len(self._forms)

    def _parts(self, number: int) -> tuple[int, int, int]:
        lap, first = divmod(number, len(self._first))
        second, form = self._offsets(first)
        return (
            first,
            (lap + second) % len(self._second),
            (sum(divmod(lap, len(self._second))) + form) % len(self._forms),
        )

    def _numbers(self, box: Box, forms: frozenset[int] | None) -> Iterator[int]:
        """The numbers of the names in a box, as they are before two share a name."""
        firsts: Iterable[int] = range(len(self._first)) if box[0] is None else box[0]
        lap_length = len(self._second)
        for first in firsts:
            laps = (self._count - first + len(self._first) - 1) // len(self._first)
            if box[1] is None:
                numbers: Iterable[int] = range(first, self._count, len(self._first))
            else:
                start = self._offsets(first)[0]
                numbers = (
                    first + lap * len(self._first)
                    for second in box[1]
                    for lap in range((second - start) % lap_length, laps, lap_length)
                )
            if forms is None:
                yield from numbers
            else:
                yield from (number for number in numbers if self._parts(number)[2] in forms)

    def _bearers(self, names: Iterable[int]) -> Iterator[int]:
        for name in names:
            if _meant(name) == name:
                yield name
            later = name + _HOMONYM_BACK
            if _meant(later) == name and later < self._count:
                yield later


def _fixed(part: str) -> list[str]:
    """The words of a part of a form; a part of nothing but punctuation has none."""
    return [word for word in words(part) if word[0].isalnum()]


def _lies_in(look: Look, parts: tuple[int, int, int]) -> bool:
    (firsts, seconds), forms = look
    first, second, form = parts
    return (
        (firsts is None or first in firsts)
        and (seconds is None or second in seconds)
        and (forms is None or form in forms)
    )


def _meant(number: int) -> int:
    return number - _HOMONYM_BACK if number % _HOMONYM_EVERY == _HOMONYM_EVERY - 1 else number
