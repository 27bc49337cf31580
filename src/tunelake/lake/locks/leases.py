"""Leases of readers: who reads tables holds one, and old files go only when those who may read them are done.

A lease is a locked file in the home; the system frees the lock when its process ends, however it ends.

A reader takes its lease first and looks up the files of a table then. Who wants to remove old files commits
what takes their place, calls `wait_until_free`, and removes them: whoever reads by then sees the new ones.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tunelake.errors import ConfigError, Retryable
from tunelake.lake.home import Home

_PAUSE_SECONDS = 0.05
_numbers = itertools.count()


class Lease:
    """The right to read the files of the tables as they are now, until it is ended."""

    def __init__(self, home: Home) -> None:
        """Take a lease.

        Raises:
            ConfigError: The home cannot be written.
        """
        try:
            self._file, self._path = _take(_folder(home))
        except OSError as error:
            raise ConfigError(
                f"cannot write to {home.locks}: {error.strerror}; check its owner and space"
            ) from error

    def end(self) -> None:
        """Give it back; done twice, it changes nothing."""
        file, self._file = self._file, -1
        if file >= 0:
            self._path.unlink(missing_ok=True)
            os.close(file)


@contextmanager
def leased(home: Home) -> Iterator[None]:
    """Read tables in the block: no file that is of a table now goes away before it ends.

    Raises:
        ConfigError: The home cannot be written.
    """
    lease = Lease(home)
    try:
        yield
    finally:
        lease.end()


def held_since(home: Home) -> list[datetime]:
    """Tell when each lease that is held began, the oldest first; those of dead processes are cleared away."""
    return [_since(path) for path in _held(_folder(home))]


def wait_until_free(home: Home, before: datetime | None = None, *, wait_seconds: float = 60.0) -> None:
    """Wait until all leases have ended that began before a moment.

    The caller holds none of them itself, or waits in vain.

    Args:
        home: The home.
        before: The moment (aware); None: all leases that are held now, those that begin later do not count.
        wait_seconds: How long to wait at most.

    Raises:
        Retryable: Some are still held.
    """
    folder = _folder(home)
    waiting = [path for path in _held(folder) if before is None or _since(path) < before]
    give_up = time.monotonic() + wait_seconds
    while waiting := [path for path in waiting if _is_held(path)]:
        if time.monotonic() >= give_up:
            oldest = datetime.now(UTC) - _since(waiting[0])
            raise Retryable(
                f"{len(waiting)} readers hold old files of {home.root}, the oldest for "
                f"{oldest / timedelta(seconds=1):.0f} s; end them or try again later"
            )
        time.sleep(_PAUSE_SECONDS)


def _folder(home: Home) -> Path:
    folder = home.locks / "leases"
    folder.mkdir(exist_ok=True)
    return folder


def _take(folder: Path) -> tuple[int, Path]:
    while True:
        # The name tells the time: it is known before the file is there, so never too late.
        path = folder / f"{time.time_ns():020d}-{os.getpid()}-{next(_numbers)}"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        fcntl.flock(file, fcntl.LOCK_EX)
        # Between the two somebody may have taken it for a dead one's, and removed it.
        if os.fstat(file).st_nlink:
            return file, path
        os.close(file)


def _held(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if _is_held(path)]


def _is_held(path: Path) -> bool:
    """Tell whether the process that took a lease lives; remove the lease when it does not."""
    with suppress(FileNotFoundError):
        file = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
    return False


def _since(path: Path) -> datetime:
    return datetime.fromtimestamp(int(path.name.split("-")[0]) / 1e9, UTC)
