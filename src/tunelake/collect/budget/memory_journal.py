"""A journal in memory: for what need not outlive a run, and for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tunelake.collect.budget.journal import Ticks


class MemoryJournal:
    """One reader of lines in memory; readers that are given the same lines share them."""

    name = "a budget in memory"

    def __init__(
        self,
        ticks: Callable[[], Ticks],
        lines: list[list[bytes]] | None = None,
        readers: set[str] | None = None,
    ) -> None:
        """Begin to read.

        Args:
            ticks: Reads the clock.
            lines: The journals, each begun anew after the one before; only the last is read.
            readers: Who reads.
        """
        self.ticks = ticks
        self._journals = lines if lines is not None else []
        self._readers = readers if readers is not None else set()
        self.me = f"reader {len(self._readers) + 1}"
        self._readers.add(self.me)
        self._number = self._read = 0

    @contextmanager
    def turn(self) -> Iterator[MemoryJournal]:
        """Have a turn."""
        yield self

    def news(self) -> tuple[Sequence[bytes], bool]:
        """What was written since the last turn."""
        if not self._journals:
            self._journals.append([])
        fresh = self._number != len(self._journals)
        if fresh:
            self._number, self._read = len(self._journals), 0
        found = self._journals[-1][self._read :]
        self._read += len(found)
        return found, fresh

    def write(self, lines: bytes, *, secure: bool = False) -> None:  # noqa: ARG002  it is memory
        """Add lines."""
        added = lines.splitlines()
        self._journals[-1].extend(added)
        self._read += len(added)

    def begin(self, line: bytes) -> None:
        """Begin anew."""
        self._journals.append([line.strip()])
        self._number, self._read = len(self._journals), 1

    def alive(self, who: str) -> bool:
        """Whether the reader is still there."""
        return who in self._readers

    def close(self) -> None:
        """Let go."""
        self._readers.discard(self.me)
