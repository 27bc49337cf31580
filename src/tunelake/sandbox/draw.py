"""Repeatable chance: the same key gives the same draws in every process and Python version."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_SUM_OF_FOUR = 3**0.5  # makes the spread of a sum of four even draws one


def mix(number: int) -> int:
    """Scatter a number over 64 bits (the finaliser of splitmix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def key_of(text: str) -> int:
    """A number of 64 bits for a text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


class Draw:
    """A stream of draws that depends on its key alone."""

    def __init__(self, *keys: int, state: int = 0) -> None:
        for one in keys:
            state = mix(state ^ mix(one))
        self._state = state

    def then(self, *keys: int) -> Draw:
        """The stream of this one's keys and more, before anything is drawn from it."""
        return Draw(*keys, state=self._state)

    def bits(self) -> int:
        """64 random bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        return mix(self._state)

    def unit(self) -> float:
        """A number from 0 up to 1."""
        return (self.bits() >> 11) / (1 << 53)

    def below(self, limit: int) -> int:
        """A whole number from 0 up to the limit, which it does not reach."""
        return (self.bits() * limit) >> 64

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both included."""
        return least + self.below(most - least + 1)

    def chance(self, probability: float) -> bool:
        """True with a probability."""
        return self.unit() < probability

    def pick(self, things: Sequence[T]) -> T:
        """One of the things."""
        return things[self.below(len(things))]

    def skewed(self, things: Sequence[T]) -> T:
        """One of the things, the first ones far more often."""
        return things[int(len(things) * self.unit() ** 2)]

    def weighted(self, things: Sequence[T], ends: Sequence[float]) -> T:
        """One of the things by running totals of their weights."""
        return things[min(bisect_right(ends, self.unit() * ends[-1]), len(things) - 1)]

    def normal(self) -> float:
        """A draw from nearly the standard normal distribution, never beyond 3.5 (four even draws, summed)."""
        bits = self.bits()
        total = (bits >> 48) + (bits >> 32 & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits & 0xFFFF)
        return (total / 0x10000 - 2.0) * _SUM_OF_FOUR

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """The things in another order."""
        order = list(things)
        for place in range(len(order) - 1, 0, -1):
            other = self.below(place + 1)
            order[place], order[other] = order[other], order[place]
        return order
