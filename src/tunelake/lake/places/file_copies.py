"""Copies of files that are far away, in a folder of this machine that has a bound.

Who reads a copy touches it first, and holds a lease. When there are more than the bound allows, those
go that were touched longest ago; never one that was touched since the oldest lease began, for somebody
may be reading it.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

_GRACE_SECONDS = 600.0
"""What was touched since then stays in any case: a short look takes no lease."""
_UNUSED_SECONDS = 86_400.0
"""A copy of what is no longer of its table goes when it was not touched for so long."""
_AFTER = 0.8
"""Down to this share of the bound: else every copy more would look through all of them again."""
_LOCK = ".lock"
STATES = "_states"
"""Folders of this name are not counted one file at a time; see `s3_delta_logs`."""


class Copy(msgspec.Struct, frozen=True):
    """A copy of a file: where, how long in bytes, and when it was touched, in seconds since 1970."""

    path: Path
    size: int
    used_at: float


def which_go(copies: Iterable[Copy], most: int, spare_since: float) -> list[Path]:
    """Choose the copies that go: those used longest ago, until the rest is within the bound.

    Args:
        copies: All there are.
        most: The bound, in bytes.
        spare_since: What was used since then stays.
    """
    oldest = sorted(copies, key=lambda one: one.used_at)
    left = sum(one.size for one in oldest)
    if left <= most:
        return []
    gone: list[Path] = []
    for one in oldest:
        if left <= most * _AFTER or one.used_at >= spare_since:
            break
        gone.append(one.path)
        left -= one.size
    return gone


class FileCopies:
    """The copies of one home; safe beside other processes of it, and for threads."""

    def __init__(
        self, root: Path, most: int | None = None, read_since: Callable[[], float] = time.time
    ) -> None:
        """Choose a folder; it may be missing.

        Args:
            root: The folder.
            most: How many bytes the copies may take; None for any number.
            read_since: Tells when the oldest lease began that is held, in seconds since 1970.
        """
        self.root = root
        self.most = most
        self._read_since = read_since
        self._added = 0
        self._total: int | None = None
        self._lock = threading.Lock()

    def spare_since(self) -> float:
        """Tell since when what was touched may be in use, in seconds since 1970."""
        return min(self._read_since(), time.time() - _GRACE_SECONDS)

    def touched(self, paths: Iterable[Path]) -> set[Path]:
        """Say that copies are about to be read; give those that are there, and stay meanwhile."""
        found: set[Path] = set()
        wanted = list(paths)
        if not wanted or not self.root.is_dir():
            return found
        with self._shared(fcntl.LOCK_SH):
            for path in wanted:
                with suppress(FileNotFoundError):
                    touch(path)
                    found.add(path)
        return found

    def bytes(self) -> int:
        """Count the bytes that are here."""
        return sum(one.size for one in _copies(self.root, everything=True))

    def sweep(self, folder: Path, used: Container[Path]) -> None:
        """Remove what nobody touched for a day of the copies in a folder, but those that are of its table."""
        old = min(time.time() - _UNUSED_SECONDS, self.spare_since())
        for one in list(_copies(folder)):
            if one.path not in used and one.used_at < old:
                one.path.unlink(missing_ok=True)

    def added(self, count: int) -> None:
        """Say that copies of so many bytes came; the oldest go when they are too many."""
        if self.most is None:
            return
        with self._lock:
            self._added += count
            if self._total is not None and self._total + self._added <= self.most:
                return
            self._bound(self.most)

    def _bound(self, most: int) -> None:
        with self._shared(fcntl.LOCK_EX):
            copies = list(_copies(self.root))
            gone = which_go(copies, most, self.spare_since())
            for path in gone:
                path.unlink(missing_ok=True)
        left = set(gone)
        self._total = sum(one.size for one in copies if one.path not in left)
        self._added = 0

    @contextmanager
    def _shared(self, how: int) -> Iterator[None]:
        file = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, how)
            yield
        finally:
            os.close(file)


def touch(path: Path) -> None:
    """Note that a copy is in use, by the clock that leases go by.

    Raises:
        FileNotFoundError: It is gone.
    """
    now = time.time_ns()
    os.utime(path, ns=(now, now))


def _copies(root: Path, *, everything: bool = False) -> Iterator[Copy]:
    """Find what is here; what goes while one looks is passed over."""
    for folder, below, names in os.walk(root):
        if not everything and STATES in below:
            below.remove(STATES)
        for name in names:
            path = Path(folder, name)
            with suppress(FileNotFoundError):
                found = path.stat()
                if name != _LOCK:
                    yield Copy(path, found.st_size, found.st_mtime)
