"""Places in the landing log: one number, the byte where a record starts, counted over all segments.

A segment's name is the position of its first byte. Positions only grow and are never used twice: after
a torn tail was cut, the next segment starts where the torn one ended.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from tunelake.domain.pages import Page

SUFFIX = ".zst"
_DIGITS = 20


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A page in the landing log and where it is.

    Attributes:
        page: The page as it was appended.
        size: Length of the body in bytes.
        body_hash: SHA-256 of the body, 64 hex digits.
        segment: Name of the file.
        offset: Where the record starts in the file.
        length: Length of the record in bytes.
        position: Where the record starts in the log.
    """

    page: Page
    size: int
    body_hash: str
    segment: str
    offset: int
    length: int
    position: int

    @property
    def end(self) -> int:
        """Where the next record may start; a reader that has this page goes on there."""
        return self.position + self.length


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a segment that cannot be read.

    Attributes:
        segment: Name of the file.
        offset: Where the damage starts in the file.
        length: Bytes that were left out.
        reason: What is wrong.
        kept: Where a cut tail was kept aside; None for damage that stays in place.
    """

    segment: str
    offset: int
    length: int
    reason: str
    kept: str | None = None

    def __str__(self) -> str:
        where = f"{self.segment} at byte {self.offset}: {self.reason} ({self.length} bytes left out"
        return f"{where}, kept in {self.kept})" if self.kept else f"{where})"


def name_of(base: int) -> str:
    """Name the segment whose first byte has a position."""
    return f"{base:0{_DIGITS}d}{SUFFIX}"


def base_of(name: str) -> int | None:
    """Return the position of a segment's first byte; None for a name that is no segment's."""
    stem = name.removesuffix(SUFFIX)
    return int(stem) if name.endswith(SUFFIX) and len(stem) == _DIGITS and stem.isdigit() else None


def holding(bases: Sequence[int], position: int) -> int:
    """Return the index of the segment that may hold a position (0 when it is before all)."""
    return max(bisect_right(bases, position) - 1, 0)
