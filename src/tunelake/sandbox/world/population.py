"""Who lives in the world: each artist by rank (0 is the most popular), planted in groups of one sound.

A rank is shuffled to a place; places side by side are a group, groups take turns in language. Every step
can be walked back, so that names, groups and genres find their artists without a list of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import accumulate, islice

import msgspec

from tunelake.sandbox.catalogue import Artist
from tunelake.sandbox.draw import Draw, mix
from tunelake.sandbox.genres import TREE
from tunelake.sandbox.names import key, matches, words
from tunelake.sandbox.world.codes import ARTIST, Codes, Ref
from tunelake.sandbox.world.naming import Naming
from tunelake.sandbox.world.shuffle import Shuffle
from tunelake.sandbox.world.tongues import Tongue, pattern, read_tongues

_GROUP = 25  # artists in a planted group of a large world
_GROUPS_WANTED = 20  # a small world has smaller groups rather than few
_GENRES = accumulate((0.06, 0.34, 0.33, 0.18, 0.09))  # how many artists have none, one, ... four
_GENRE_ENDS = tuple(_GENRES)
LOOKED_AT = 10_000  # artists a broad search looks at, the most popular first
_NOT_MANY = 2_000
_MOST_FOLLOWERS = 6e7
_POWER = 0.85


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """What the artists of a group share; `genres` has its own kind first."""

    number: int
    tongue: int
    country: str
    genres: tuple[str, ...]
    since: int
    labels: tuple[str, ...]


class Population:
    """The artists of a world, by rank."""

    def __init__(self, *, size: int, seed: int, codes: Codes) -> None:
        self.size = size
        self.seed = seed
        self._codes = codes
        self._group_size = max(2, min(_GROUP, size // _GROUPS_WANTED))
        self.groups = -(-size // self._group_size)
        self._order = Shuffle(size, mix(seed) + 1)
        self.tongues = read_tongues()
        self._round = pattern(self.tongues)
        self._turns = [[p for p, t in enumerate(self._round) if t == one] for one in range(len(self.tongues))]
        rounds = -(-self.groups // len(self._round))
        self._namings = [
            Naming(tongue, count=rounds * tongue.share * self._group_size, seed=mix(seed) + 40 + one)
            for one, tongue in enumerate(self.tongues)
        ]
        self.group = lru_cache(maxsize=16_384)(self._group)
        self.group_of = lru_cache(maxsize=16_384)(self._group_number)
        self._kinds = lru_cache(maxsize=16_384)(self._kinds_of)

    def members(self, group: int) -> list[int]:
        """The ranks of the artists of a group, in a fixed order."""
        start = group * self._group_size
        return [self._order.back(one) for one in range(start, min(start + self._group_size, self.size))]

    def artist(self, rank: int) -> Artist:
        """The record of an artist."""
        number, member = divmod(self._order.place(rank), self._group_size)
        group = self.group(number)
        naming, named = self._namings[group.tongue], self._number(number, member)
        draw = Draw(self.seed, 2, rank)
        return Artist(
            id=self._codes.id(Ref(ARTIST, rank)),
            name=naming.name(named),
            aliases=naming.aliases(named),
            genres=_genres(group.genres, draw),
            popularity=self.popularity(rank),
            followers=int(_MOST_FOLLOWERS / (rank + 1) ** _POWER * (0.6 + 0.8 * draw.unit())),
            country=group.country,
            group=f"group {number}",
        )

    def popularity(self, rank: int) -> int:
        """0 to 100, falling with the logarithm of the rank, so that few are famous."""
        return round(96 * (1 - math.log1p(rank) / math.log1p(self.size)))

    def exact(self, text: str) -> set[int]:
        """The ranks of artists one of whose names folds to the same as the text."""
        folded = key(text)
        return set(self._ranks((one, naming.exact(folded)) for one, naming in enumerate(self._namings)))

    def by_text(self, text: str, *, most: int) -> set[int]:
        """The ranks of artists whose names match every word of a query, or the whole of it run together.

        Words that are in more than `most` names of a language are only looked for as whole names.
        """
        wanted = words(text)
        named = [
            (one, naming.by_words(wanted, most=most) | naming.exact("".join(wanted)))
            for one, naming in enumerate(self._namings)
        ]
        return set(self._ranks(named))

    def named(self, text: str) -> list[int]:
        """As `by_text`, most popular first; where very many match, only the most popular are looked at."""
        wanted = words(text)
        if sum(naming.expected(wanted) for naming in self._namings) <= _NOT_MANY:
            return sorted(self.by_text(text, most=self.size))
        fits = [naming.matcher(wanted) for naming in self._namings]
        bearers = (rank for rank in range(min(self.size, LOOKED_AT)) if self._named(rank, fits))
        return sorted(self.exact(text).union(islice(bearers, _NOT_MANY)))

    def of_genres(self, genres: AbstractSet[str]) -> Iterator[int]:
        """The ranks of artists who have one of these genres, the most popular first, as far as is looked."""
        return (rank for rank in range(min(self.size, LOOKED_AT)) if self.is_of(rank, genres))

    def is_of(self, rank: int, genres: AbstractSet[str]) -> bool:
        """Whether an artist has one of these genres."""
        of_group = self._kinds(self.group_of(rank))
        if genres.isdisjoint(of_group):
            return False
        return not genres.isdisjoint(_genres(of_group, Draw(self.seed, 2, rank)))

    def tongue_of(self, rank: int) -> int:
        """The number of the language of an artist."""
        return self._round[self.group_of(rank) % len(self._round)]

    def _named(self, rank: int, fits: list[Callable[[int], bool] | None]) -> bool:
        number, member = divmod(self._order.place(rank), self._group_size)
        fit = fits[self._round[number % len(self._round)]]
        return fit is not None and fit(self._number(number, member))

    def _kinds_of(self, group: int) -> tuple[str, ...]:
        return _group_genres(self._group_draw(group), self._speech(group))

    def _group_number(self, rank: int) -> int:
        """The number of an artist's group."""
        return self._order.place(rank) // self._group_size

    def _number(self, group: int, member: int) -> int:
        laps, turn = divmod(group, len(self._round))
        turns = self._turns[self._round[turn]]
        return (laps * len(turns) + turns.index(turn)) * self._group_size + member

    def _ranks(self, found: Iterable[tuple[int, set[int]]]) -> Iterator[int]:
        for tongue, numbers in found:
            turns = self._turns[tongue]
            for number in numbers:
                nth, member = divmod(number, self._group_size)
                lap, turn = divmod(nth, len(turns))
                place = (lap * len(self._round) + turns[turn]) * self._group_size + member
                if place < self.size:
                    yield self._order.back(place)

    def _group(self, number: int) -> Group:
        tongue = self._round[number % len(self._round)]
        speech, draw = self._speech(number), self._group_draw(number)
        genres = _group_genres(draw, speech)
        town = draw.pick(speech.first).partition(":")
        name = (town[2] or town[0]).capitalize()
        return Group(
            number=number,
            tongue=tongue,
            country=draw.skewed(speech.countries),
            genres=genres,
            since=draw.between(1965, 2016),
            labels=(f"{name} Records", f"{name} Sound", f"{name} {genres[0].title()}"),
        )

    def _group_draw(self, number: int) -> Draw:
        return Draw(self.seed, 1, number)

    def _speech(self, group: int) -> Tongue:
        return self.tongues[self._round[group % len(self._round)]]


def genres_like(text: str) -> frozenset[str]:
    """The genres that match every word of a query."""
    return frozenset(one for one in _ALL_GENRES if matches(text, one))


_ALL_GENRES = tuple(dict.fromkeys(one for root, kinds in TREE.items() for one in (root, *kinds)))


def _group_genres(draw: Draw, speech: Tongue) -> tuple[str, ...]:
    """A kind, another of the same root, the root, and one from elsewhere; a group's first draws."""
    root = draw.pick(speech.roots)
    kinds = TREE[root]
    one = draw.below(len(kinds))
    two = (one + draw.between(1, len(kinds) - 1)) % len(kinds)
    other = draw.pick(TREE[draw.pick(speech.roots)])
    return tuple(dict.fromkeys((kinds[one], kinds[two], root, other)))


def _genres(genres: tuple[str, ...], draw: Draw) -> tuple[str, ...]:
    """None to four of the group's genres, its own kind mostly first; the first draws of a record."""
    count = draw.weighted((0, 1, 2, 3, 4), _GENRE_ENDS)
    if draw.chance(0.85):
        return genres[:count]
    return tuple(draw.shuffled(genres)[:count])
