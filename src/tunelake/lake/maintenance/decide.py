"""What the files of a table need. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Need = Literal["nothing", "compact", "sort"]
"""`compact`: small files become one. `sort`: all files are written anew, sorted by the key."""

LARGE = 128 << 20
"""Bytes that files of a maintained table have at most, about."""
LANDED = 32 << 20
"""The same for those that a landing makes of small ones: large enough to be left alone by the next."""
MANY = 64
"""Small files beyond which a landing makes one of them: as many are read about as fast as one."""
_SHARE = 0.2
_MOST_SORTED = 1 << 30
"""More bytes than that are not sorted: landings wait for it."""


def needed(sizes: Sequence[int]) -> Need:
    """Tell what a table needs.

    To sort rewrites everything, so it is done when a fifth of the bytes are in small files: what is
    rewritten is then at most five times what came in.

    Args:
        sizes: Bytes of each of its files.
    """
    small = small_files(sizes, LARGE)
    if len(small) < 2:  # noqa: PLR2004  (one file is as few as it gets)
        return "nothing"
    total = sum(sizes)
    return "sort" if total <= _MOST_SORTED and sum(small) >= _SHARE * total else "compact"


def is_scattered(sizes: Sequence[int]) -> bool:
    """Tell whether a landing is to make larger files of small ones; its cost is spread over many landings."""
    return len(small_files(sizes, LANDED)) > MANY


def small_files(sizes: Sequence[int], target: int) -> list[int]:
    """Return the sizes below half of what files are to have."""
    return [size for size in sizes if size < target / 2]
