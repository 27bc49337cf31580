"""Titles of albums and tracks, made from the artist's rank and the place, and found again the other way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tunelake.sandbox.draw import Draw, mix
from tunelake.sandbox.names import key, word_matches, words
from tunelake.sandbox.world.codes import ALBUMS, TRACKS
from tunelake.sandbox.world.pairs import Box, Pairs
from tunelake.sandbox.world.tongues import Tongue

_FORMS = ("{}",) * 11 + ("{} (Live)", "{} (Acoustic)", "{} (Remix)", "{} II")
_FIXED = tuple(words(form.format("")) for form in _FORMS)
_FIXED_WORDS = frozenset(word for fixed in _FIXED for word in fixed)
_STEP = 31  # places side by side have first words this far apart


class Place(NamedTuple):
    """An album (track is None) or a track of an artist."""

    rank: int
    album: int
    track: int | None


Matcher = Callable[[int, int], bool]
"""Whether the title of an artist's rank and a slot is one that was asked for."""


class Titles:
    """The titles in one language, for the artists of any."""

    def __init__(self, tongue: Tongue, *, seed: int) -> None:
        draw = Draw(seed, 41)
        self._first = draw.shuffled(tongue.title_first)
        self._second = draw.shuffled(tongue.title_second)
        self._join = tongue.title_join
        self._key = draw.bits()
        slots = range(ALBUMS + ALBUMS * TRACKS)
        self._offsets = [mix(self._key + slot) % len(self._second) for slot in slots]
        self._pairs = Pairs(self._first, self._second, spaced=self._join == " ")

    def title(self, place: Place) -> str:
        """The title of an album or a track."""
        slot = slot_of(place)
        first, second = self._pair(place.rank, slot)
        plain = f"{self._first[first]}{self._join}{self._second[second]}"
        return _FORMS[self._form(place.rank, slot)].format(plain)

    def matcher(self, wanted: tuple[str, ...]) -> Matcher | None:
        """Tells whether the title of a rank and slot matches every (folded) word; None when no title does."""
        looks = [(self._pairs.boxes(word), _forms_with(word)) for word in wanted]
        if not all(boxes or forms for boxes, forms in looks):
            return None

        def fits(rank: int, slot: int) -> bool:
            pair = self._pair(rank, slot)
            for boxes, forms in looks:
                if any(_lies_in(box, pair) for box in boxes):
                    continue
                if not forms or self._form(rank, slot) not in forms:
                    return False
            return True

        return fits

    def boxes(self, text: str) -> list[Box]:
        """Where titles that match a query may lie: every such title is in one, others may be too."""
        wanted = [
            word for word in words(text) if not any(word_matches(word, fixed) for fixed in _FIXED_WORDS)
        ]
        if not wanted:
            return [(None, None)] if words(text) else []
        boxes = list(self._pairs.boxes(wanted[0]))
        for word in wanted[1:]:
            boxes = [_both(one, two) for one in boxes for two in self._pairs.boxes(word)]
        boxes.extend(
            (frozenset({first}), frozenset({second})) for first, second in self._pairs.exact(key(text))
        )
        return [box for box in boxes if (box[0] is None or box[0]) and (box[1] is None or box[1])]

    def share(self, box: Box) -> float:
        """Which part of all titles lies in a box."""
        first = 1.0 if box[0] is None else len(box[0]) / len(self._first)
        return first * (1.0 if box[1] is None else len(box[1]) / len(self._second))

    def places(self, box: Box, *, ranks: int, tracks: bool) -> Iterator[Place]:
        """The places in a box among the first so many ranks, whether or not the artist has filled them."""
        firsts = range(len(self._first)) if box[0] is None else sorted(box[0])
        seconds = range(len(self._second)) if box[1] is None else sorted(box[1])
        width, height = len(self._first), len(self._second)
        for place in _all_slots(tracks=tracks):
            slot = slot_of(place)
            offset = self._offsets[slot]
            for first in firsts:
                start = (first - slot * _STEP) % width
                laps = (ranks - start + width - 1) // width
                for second in seconds:
                    for lap in range((second - offset) % height, laps, height):
                        yield place._replace(rank=start + lap * width)

    def _pair(self, rank: int, slot: int) -> tuple[int, int]:
        lap, first = divmod(rank, len(self._first))
        return (first + slot * _STEP) % len(self._first), (lap + self._offsets[slot]) % len(self._second)

    def _form(self, rank: int, slot: int) -> int:
        return mix(self._key ^ rank << 16 ^ slot) % len(_FORMS)


def slot_of(place: Place) -> int:
    """The number of an album or track among all that an artist can have."""
    return place.album if place.track is None else ALBUMS + place.album * TRACKS + place.track


def _all_slots(*, tracks: bool) -> Iterator[Place]:
    for album in range(ALBUMS):
        if not tracks:
            yield Place(0, album, None)
            continue
        for track in range(TRACKS):
            yield Place(0, album, track)


def _forms_with(word: str) -> frozenset[int]:
    return frozenset(
        form for form, fixed in enumerate(_FIXED) if any(word_matches(word, one) for one in fixed)
    )


def _lies_in(box: Box, pair: tuple[int, int]) -> bool:
    return (box[0] is None or pair[0] in box[0]) and (box[1] is None or pair[1] in box[1])


def _both(one: Box, two: Box) -> Box:
    return _meet(one[0], two[0]), _meet(one[1], two[1])


def _meet(one: frozenset[int] | None, two: frozenset[int] | None) -> frozenset[int] | None:
    if one is None or two is None:
        return one if two is None else two
    return one & two
