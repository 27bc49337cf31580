"""A journal in a folder of one machine: a file of lines, and a file of which bytes are locked.

Who has locked the first byte has the turn; every reader has locked a byte of its own for as long as it is
there. The system frees locks however a process ends, and keeps what it wrote. A process that ends within a
line leaves a line without an end, which the next one cuts. A turn costs a few system calls, and no disk.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tunelake.collect.budget.journal import Ticks
from tunelake.errors import ConfigError, Fatal, Retryable

PATIENCE_S = 10.0
PAUSE_S = 0.0005
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_FLOCK = "hhqqi4x"
_TURN = 0


def machine_ticks() -> Ticks:
    """Read the clocks of this machine; sleep of the machine counts, too."""
    return Ticks(boot=_boot(), seconds=time.clock_gettime(time.CLOCK_BOOTTIME), wall=time.time())


class FileJournal:
    """One reader of the journal in a folder."""

    def __init__(self, folder: Path, key: str, ticks: Callable[[], Ticks] = machine_ticks) -> None:
        """Open the journal, or make it.

        Args:
            folder: Where journals are; made when missing.
            key: Which of them; fit for a name of a file.
            ticks: Reads the clock.

        Raises:
            ConfigError: The files cannot be made.
        """
        self.ticks = ticks
        self._path = folder / f"{key}.log"
        self._file = -1
        self._inode = self._read = 0
        self._byte = secrets.randbits(48) + 1
        with self._told():
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / f"{key}.lock", os.O_RDWR | os.O_CREAT, 0o644)
            self._set(fcntl.F_WRLCK, self._byte)

    @property
    def name(self) -> str:
        """Where it is, for people."""
        return str(self._path)

    @property
    def me(self) -> str:
        """The byte that this reader has locked."""
        return str(self._byte)

    @contextmanager
    def turn(self) -> Iterator[FileJournal]:
        """Have a turn when nobody else has."""
        self._take()
        try:
            with self._told():
                yield self
        finally:
            self._set(fcntl.F_UNLCK, _TURN)

    def news(self) -> tuple[Sequence[bytes], bool]:
        """What was written since the last turn; a line without an end is cut."""
        try:
            found = os.stat(self._path)  # noqa: PTH116  this is done for every request
            fresh = found.st_ino != self._inode
            size = found.st_size
        except FileNotFoundError:
            fresh, size = True, 0
        if fresh:
            self._open()
        if size <= self._read:
            return (), fresh
        data = os.pread(self._file, size - self._read, self._read)
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self._file, self._read + whole)
        self._read += whole
        return data[:whole].splitlines(), fresh

    def write(self, lines: bytes, *, secure: bool = False) -> None:
        """Add lines."""
        if os.pwrite(self._file, lines, self._read) < len(lines):
            os.ftruncate(self._file, self._read)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._read += len(lines)
        if secure:
            os.fsync(self._file)

    def begin(self, line: bytes) -> None:
        """Begin the journal anew: whole, or not at all."""
        draft = self._path.with_suffix(".new")
        draft.write_bytes(line)
        draft.replace(self._path)
        self._open()
        self._read = len(line)

    def alive(self, who: str) -> bool:
        """Whether another still has its byte locked."""
        if who == self.me:
            return True
        asked = _range(fcntl.F_WRLCK, int(who))
        kind: int = struct.unpack(_FLOCK, fcntl.fcntl(self._lock, fcntl.F_OFD_GETLK, asked))[0]
        return kind != fcntl.F_UNLCK

    def close(self) -> None:
        """Let go of the files, and so of all locks."""
        os.close(self._lock)
        if self._file >= 0:
            os.close(self._file)

    def _open(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        self._inode, self._read = os.fstat(self._file).st_ino, 0

    def _take(self) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._set(fcntl.F_WRLCK, _TURN)
            except (BlockingIOError, PermissionError):
                if time.monotonic() >= give_up:
                    raise Retryable(
                        f"another process holds {self._path} for more than {PATIENCE_S:g} s; try again later"
                    ) from None
                time.sleep(PAUSE_S)
            else:
                return

    def _set(self, kind: int, byte: int) -> None:
        fcntl.fcntl(self._lock, fcntl.F_OFD_SETLK, _range(kind, byte))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in NO_SPACE:
                raise Fatal(
                    f"no space left for {self._path}: free some, then run the same command again"
                ) from error
            raise ConfigError(
                f"cannot use {self._path}: {error.strerror}; check the owner of the home"
            ) from error


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return "unknown"


def _range(kind: int, byte: int) -> bytes:
    """A lock of one byte, as the system wants to be told."""
    return struct.pack(_FLOCK, kind, os.SEEK_SET, byte, 1, 0)
