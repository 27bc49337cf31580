"""A process that publishes and ends as by `kill -9` at a chosen moment.

`filling`: when the catalogue is filled and half of the documents are; nothing was switched.
`between`: when the documents were switched and nothing else was.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import tunelake
from tunelake.bootstrap import publishing
from tunelake.domain.cards import ArtistDocument
from tunelake.publish.content import Changes
from tunelake.publish.ports import DocumentStore


def end() -> None:
    """End without a word to anybody."""
    os.kill(os.getpid(), signal.SIGKILL)


class Ending:
    """A `DocumentStore` in which the process ends."""

    def __init__(self, store: DocumentStore, moment: str) -> None:
        self._store = store
        self._moment = moment

    @contextmanager
    def replacing(
        self, documents: Iterable[ArtistDocument], expected: int, *, verify: bool = False
    ) -> Iterator[Changes]:
        """Stage as the store does, and end half-way, or when the store was switched."""
        given = self._halfway(documents, expected) if self._moment == "filling" else documents
        with self._store.replacing(given, expected, verify=verify) as changes:
            yield changes
        end()

    def _halfway(self, documents: Iterable[ArtistDocument], expected: int) -> Iterator[ArtistDocument]:
        for number, document in enumerate(documents):
            if 2 * number >= expected:
                end()
            yield document


if __name__ == "__main__":
    lake = tunelake.open()
    vars(lake.stores)["documents"] = Ending(lake.stores.documents, sys.argv[1])
    publishing.publish(lake)
