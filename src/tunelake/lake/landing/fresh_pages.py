"""Pages that were just appended, kept in memory until they are landed: they need not be read again."""

from __future__ import annotations

from threading import Lock

from tunelake.lake.landing.segments import Stored

MOST_BYTES = 64 << 20


class FreshPages:
    """Some of the pages of a landing log, by position; what is not here is on the disk."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Keep nothing yet.

        Args:
            most_bytes: Bytes of bodies that are kept at most; pages beyond that are not.
        """
        self._most_bytes = most_bytes
        self._bytes = 0
        self._pages: dict[int, Stored] = {}
        self._mutex = Lock()

    def add(self, stored: Stored) -> None:
        """Keep a page that is durable, where there is room."""
        with self._mutex:
            if self._bytes + stored.size <= self._most_bytes:
                self._pages[stored.position] = stored
                self._bytes += stored.size

    def at(self, position: int) -> Stored | None:
        """Return the page whose record starts at a position, if it is kept."""
        return self._pages.get(position)

    def forget(self, before: int) -> None:
        """Let go of the pages before a position."""
        with self._mutex:
            for position in [one for one in self._pages if one < before]:
                self._bytes -= self._pages.pop(position).size
