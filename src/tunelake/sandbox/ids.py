"""Ids of 22 characters of base 62, as the Spotify Web API has them."""

from __future__ import annotations

import re
from hashlib import blake2b

LENGTH = 22
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_SHAPE = re.compile(r"[0-9A-Za-z]{22}")


def is_id(text: str) -> bool:
    """Whether a text has the shape of an id."""
    return _SHAPE.fullmatch(text) is not None


def encode(number: int) -> str:
    """The id of a number of at most 128 bits."""
    pairs: list[str] = []
    for _ in range(LENGTH // 2):
        number, pair = divmod(number, _BASE**2)
        pairs.append(_PAIRS[pair])
    pairs.reverse()
    return "".join(pairs)


def decode(text: str) -> int | None:
    """The number of an id, or None for a text that is no id."""
    if not is_id(text):
        return None
    number = 0
    for char in text:
        number = number * _BASE + _VALUES[char]
    return number


def id_of(*parts: str) -> str:
    """An id that depends on the parts alone, for things that come without one."""
    return encode(int.from_bytes(blake2b("\x00".join(parts).encode(), digest_size=16).digest(), "big"))
