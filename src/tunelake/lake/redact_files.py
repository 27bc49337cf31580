"""Erases records of the landing log where they are; no position changes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable

from tunelake.errors import Fatal
from tunelake.lake import records
from tunelake.lake.home import Home
from tunelake.lake.redaction import redacted

Place = tuple[str, int, int]
"""Segment, offset and length of a record."""


def redact(home: Home, places: Iterable[Place]) -> int:
    """Erase records; done again, it changes nothing.

    Returns:
        How many.

    Raises:
        Fatal: One cannot be read or written; those before it are erased.
    """
    count = 0
    lock = os.open(home.locks / "landing", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for segment, offset, length in places:
            try:
                _redact(home, segment, offset, length)
            except (OSError, records.Broken) as error:
                raise Fatal(f"cannot erase the answer in {segment} at byte {offset}: {error}") from error
            count += 1
    finally:
        os.close(lock)
    return count


def _redact(home: Home, segment: str, offset: int, length: int) -> None:
    file = os.open(home.landing / segment, os.O_RDWR)
    try:
        record = redacted(os.pread(file, length, offset))
        if os.pwrite(file, record, offset) != length:
            raise OSError("only a part could be written")
        os.fsync(file)
    finally:
        os.close(file)
