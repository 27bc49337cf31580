"""Pages that were just appended, kept in memory until they are landed: they need not be read again."""

from __future__ import annotations

from threading import Lock

from tunelake.lake.landing.libc_memory import give_back
from tunelake.lake.landing.segments import Stored

MOST_BYTES = 160 << 20
_MUCH = 32 << 20  # less stays with the process, which uses it again


class FreshPages:
    """Some of the pages of a landing log, by position; what is not here is on the disk."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Keep nothing yet.

        Args:
            most_bytes: Bytes of bodies that are kept at most; pages beyond that are not.
        """
        self._most_bytes = most_bytes
        self._bytes = 0
        self._taken = 0
        self._pages: dict[int, Stored] = {}
        self._mutex = Lock()

    def add(self, stored: Stored) -> None:
        """Keep a page that is durable, where there is room."""
        with self._mutex:
            if self._bytes + stored.size <= self._most_bytes:
                self._pages[stored.position] = stored
                self._bytes += stored.size

    def take(self, position: int) -> Stored | None:
        """Give the page whose record starts at a position away, if it is kept: its memory is for its rows."""
        with self._mutex:
            stored = self._pages.pop(position, None)
            if stored is not None:
                self._bytes -= stored.size
                self._taken += stored.size
            if self._taken > _MUCH and not self._pages:
                self._taken = 0
                give_back()
        return stored

    def forget(self, before: int) -> None:
        """Let go of the pages before a position."""
        with self._mutex:
            for position in [one for one in self._pages if one < before]:
                self._bytes -= self._pages.pop(position).size
