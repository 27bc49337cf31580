"""A landing log in memory, for tests and trials; satisfies collect's `LandingLog`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from threading import Lock

from tunelake.domain.pages import Page
from tunelake.lake.landing.segments import Stored, name_of


class MemoryLanding:
    """A landing log that ends with the process; a record is as long as its body, and at least one byte."""

    def __init__(self) -> None:
        self._stored: list[Stored] = []
        self._mutex = Lock()

    def append(self, page: Page) -> None:
        """Add a page."""
        body_hash = hashlib.sha256(page.body).hexdigest()
        with self._mutex:
            at = self._end()
            self._stored.append(
                Stored(
                    page=page,
                    size=len(page.body),
                    body_hash=body_hash,
                    segment=name_of(0),
                    offset=at,
                    length=max(len(page.body), 1),
                    position=at,
                )
            )

    def append_all(self, pages: Sequence[Page]) -> list[Page | None]:
        """Add pages."""
        for page in pages:
            self.append(page)
        return [None] * len(pages)

    def end(self) -> int:
        """Return the position after the last page."""
        with self._mutex:
            return self._end()

    def pages(self, after: int = 0) -> Iterator[Stored]:
        """Read pages from a position on, in the order they were appended, up to the present end."""
        with self._mutex:
            present = list(self._stored)
        return (stored for stored in present if stored.position >= after)

    def _end(self) -> int:
        return self._stored[-1].end if self._stored else 0
