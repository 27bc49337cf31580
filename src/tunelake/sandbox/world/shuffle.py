"""An order that can be looked up both ways without a table."""

from __future__ import annotations

from tunelake.sandbox.draw import mix

_ROUNDS = 4


class Shuffle:
    """A one-to-one mapping of the numbers 0 to size - 1 onto themselves (a Feistel network)."""

    def __init__(self, size: int, key: int) -> None:
        self._size = size
        self._half = max(1, ((size - 1).bit_length() + 1) // 2)
        self._mask = (1 << self._half) - 1
        self._keys = [mix(key + number) for number in range(_ROUNDS)]

    def place(self, number: int) -> int:
        """Where a number goes."""
        while True:  # a number that leaves the range is sent on until it is back inside
            left, right = number >> self._half, number & self._mask
            for key in self._keys:
                left, right = right, left ^ (mix(right ^ key) & self._mask)
            number = left << self._half | right
            if number < self._size:
                return number

    def back(self, place: int) -> int:
        """The number that goes to a place."""
        while True:
            left, right = place >> self._half, place & self._mask
            for key in reversed(self._keys):
                left, right = right ^ (mix(left ^ key) & self._mask), left
            place = left << self._half | right
            if place < self._size:
                return place
