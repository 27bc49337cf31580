"""The part of a landing log that may be landed: nothing of it changes its place any more. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Protocol

from tunelake.lake.landing.segments import Damage, Stored


class SealedLog(Protocol):
    """A landing log as the lander needs it.

    Attributes:
        damages: Records that `pages` could not read, and passed over.
    """

    damages: list[Damage]

    def pages(self, after: int = 0) -> Iterator[Stored]:
        """Read pages from a position on, in the order of their positions."""

    def read(self, segment: str, offset: int, length: int) -> Stored:
        """Read one page at its place; raises Fatal when there is no whole record."""

    def forget(self, before: int) -> None:
        """Be told that the pages before a position are landed."""


class Until:
    """The pages of a log before a position, some left out.

    Attributes:
        damages: See `SealedLog`.
    """

    def __init__(
        self, log: SealedLog, until: int | None, *, without: Callable[[Stored], bool] = lambda _: False
    ) -> None:
        """Look at a part of a log.

        Args:
            log: The log.
            until: Position before which the pages are; None: all.
            without: Which of them are left out.
        """
        self.damages = log.damages
        self._log = log
        self._until = until
        self._without = without

    def pages(self, after: int = 0) -> Iterator[Stored]:
        """See `SealedLog`."""
        until, pages = self._until, self._log.pages(after)
        before = pages if until is None else takewhile(lambda stored: stored.position < until, pages)
        return (stored for stored in before if not self._without(stored))

    def read(self, segment: str, offset: int, length: int) -> Stored:
        """See `SealedLog`."""
        return self._log.read(segment, offset, length)

    def forget(self, before: int) -> None:
        """See `SealedLog`."""
        self._log.forget(before)
