"""Erases records of the landing log where they are; no position changes.

What is to be written stands in a file of its own first, so that a process that ends in the middle of a record
leaves nothing half-written: whoever erases next writes it once more.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from tunelake.errors import Fatal
from tunelake.lake.home import Home
from tunelake.lake.landing import records
from tunelake.lake.landing.landings import RAW
from tunelake.lake.landing.redaction import redacted

if TYPE_CHECKING:
    from tunelake.lake.places.s3_place import S3Place

Place = tuple[str, int, int]
"""Segment, offset and length of a record."""
_BATCH_BYTES = 32 << 20
_NAME = "rewriting"
_Batch = list[tuple[str, int, bytes]]


def redact(home: Home, places: Iterable[Place]) -> int:
    """Erase records; done again, it changes nothing.

    Returns:
        How many were not erased before.

    Raises:
        Fatal: One cannot be read or written; those before it are erased.
    """
    return rewrite(home, ((place, redacted) for place in places))


def rewrite(home: Home, changes: Iterable[tuple[Place, Callable[[bytes], bytes]]]) -> int:
    """Put records of the same length in the place of others.

    Args:
        home: The home.
        changes: Where, and what makes the new record of the one that is there.

    Returns:
        How many are others than before.

    Raises:
        Fatal: One cannot be read or written; done again, it goes on.
    """
    count = 0
    batch: _Batch = []
    with _locked(home):
        _finish(home)
        for place, change in changes:
            record = _changed(home, place, change)
            if record is None:
                continue
            batch.append((place[0], place[1], record))
            count += 1
            if sum(len(record) for *_, record in batch) >= _BATCH_BYTES:
                _write(home, batch)
                batch = []
        _write(home, batch)
    return count


def _changed(home: Home, place: Place, change: Callable[[bytes], bytes]) -> bytes | None:
    segment, offset, length = place
    try:
        before = _read(home, segment, offset, length)
        record = change(before)
    except (OSError, records.Broken) as error:
        raise Fatal(f"cannot erase the answer in {segment} at byte {offset}: {error}") from error
    if len(record) != length:
        raise Fatal(f"cannot erase the answer in {segment} at byte {offset}: it would change its length")
    return None if record == before else record


def _write(home: Home, batch: _Batch) -> None:
    if not batch:
        return
    body = msgspec.msgpack.encode(batch)
    path = home.locks / _NAME
    try:
        with path.open("wb") as file:
            file.write(zlib.crc32(body).to_bytes(4, "little") + body)
            file.flush()
            os.fsync(file.fileno())
        _apply(home, batch)
        path.unlink()
    except OSError as error:
        raise Fatal(f"cannot erase answers in {home.landing}: {error}") from error


def _finish(home: Home) -> None:
    """Write once more what a process that ended may have written in part."""
    path = home.locks / _NAME
    if not path.exists():
        return
    try:
        data = path.read_bytes()
        if zlib.crc32(data[4:]).to_bytes(4, "little") == data[:4]:
            _apply(home, msgspec.msgpack.decode(data[4:], type=_Batch))
        path.unlink()
    except (OSError, msgspec.DecodeError) as error:
        raise Fatal(f"cannot go on erasing answers in {home.landing}: {error}") from error


def _read(home: Home, segment: str, offset: int, length: int) -> bytes:
    try:
        with (home.landing / segment).open("rb") as file:
            return os.pread(file.fileno(), length, offset)
    except FileNotFoundError:
        if home.far is None:
            raise
        return (home.far / RAW).read(segment)[offset : offset + length]


def _apply(home: Home, batch: _Batch) -> None:
    for segment in sorted({segment for segment, *_ in batch}):
        mine = [(offset, record) for of, offset, record in batch if of == segment]
        try:
            file = os.open(home.landing / segment, os.O_RDWR)
        except FileNotFoundError:
            if home.far is None:
                raise
            _apply_far(home.far / RAW, segment, mine)
            continue
        try:
            for offset, record in mine:
                if os.pwrite(file, record, offset) != len(record):
                    raise OSError("only a part could be written")
            os.fsync(file)
        finally:
            os.close(file)


def _apply_far(place: S3Place, segment: str, changes: list[tuple[int, bytes]]) -> None:
    """A bucket has no places inside a file: the segment is put there once more, whole."""
    data = bytearray(place.read(segment))
    for offset, record in changes:
        data[offset : offset + len(record)] = record
    key = place.prefix + segment
    # What was told of it stays: by that the machine it came from knows it, should it still have its copy.
    place.bucket.put(key, bytes(data), told=place.bucket.told_of(key))


@contextmanager
def _locked(home: Home) -> Iterator[None]:
    lock = os.open(home.locks / "landing", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
