"""A lock between machines: an object that is only ever written on the condition of what was read of it.

Who holds it writes it anew all the time. Who waits takes it over when it was released, or stood still for
as long as it is good for; the clocks of two machines are never compared. The number in it grows with
each taker.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from tunelake.errors import Retryable
from tunelake.lake.places.s3_bucket import S3Bucket

_log = logging.getLogger(__name__)
GOOD_SECONDS = 30.0
_PAUSE_SECONDS = 0.2


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the object says."""

    holder: str
    number: int
    beat: int = 0
    good_seconds: float = GOOD_SECONDS
    released: bool = False


class S3Lease:
    """A lock that is held, as far as anybody can know.

    Attributes:
        number: Grows with each taker.
    """

    def __init__(self, bucket: S3Bucket, key: str, said: _Said, etag: str) -> None:
        self.number = said.number
        self._bucket = bucket
        self._key = key
        self._said = said
        self._etag = etag
        self._lost = ""
        self._told_at = time.monotonic()
        self._over = threading.Event()
        self._renewing = threading.Thread(target=self._renew, daemon=True, name="lease")
        self._renewing.start()

    def check(self) -> None:
        """Make sure that it is still held.

        Raises:
            Retryable: Another machine may have taken it.
        """
        late = time.monotonic() - self._told_at > self._said.good_seconds
        if self._lost or late:
            raise Retryable(
                f"the lock {self._key} was lost ({self._lost or 'it could not be renewed in time'}); "
                "nothing was lost, run again"
            )

    def stop(self) -> None:
        """Renew it no more: it ends by itself."""
        self._over.set()
        self._renewing.join()

    def end(self) -> None:
        """Give it back."""
        self.stop()
        if not self._lost:
            try:
                self._write(msgspec.structs.replace(self._said, released=True))
            except Retryable as error:
                _log.warning("the lock %s ends by itself: %s", self._key, error)

    def _renew(self) -> None:
        while not self._over.wait(self._said.good_seconds / 4):
            try:
                beating = msgspec.structs.replace(self._said, beat=self._said.beat + 1)
                if not self._write(beating):
                    self._lost = "another machine has it"
                    return
            except Retryable as error:
                # It is tried again until the time is over; `check` knows when that is.
                _log.warning("the lock %s could not be renewed: %s", self._key, error)

    def _write(self, said: _Said) -> bool:
        at = time.monotonic()
        etag = self._bucket.put(self._key, msgspec.json.encode(said), instead_of=self._etag)
        if etag is None:
            return self._written_before(said)
        self._said, self._etag, self._told_at = said, etag, at
        return True

    def _written_before(self, said: _Said) -> bool:
        """Tell whether it was we who wrote that: the answer to a write may be lost."""
        found = _read(self._bucket, self._key)
        if found is None or found[0] != said:
            return False
        self._said, self._etag = found
        return True


@contextmanager
def s3_lease(
    bucket: S3Bucket,
    key: str,
    holder: str,
    *,
    wait_seconds: float = 60.0,
    good_seconds: float = GOOD_SECONDS,
) -> Iterator[S3Lease]:
    """Hold a lock while the block runs.

    Args:
        bucket: Where it is.
        key: Its key.
        holder: Names this home; only one process of a home asks at a time, so what an earlier one of it
            left behind is taken at once.
        wait_seconds: How long to wait for whoever holds it.
        good_seconds: How long it stays good when it is not renewed.

    Raises:
        Retryable: Another machine held it all that time, or the server does not answer.
        ConfigError: The server refuses.
    """
    lease = _taken(bucket, key, holder, wait_seconds, good_seconds)
    try:
        yield lease
    finally:
        lease.end()


def _taken(bucket: S3Bucket, key: str, holder: str, wait_seconds: float, good_seconds: float) -> S3Lease:
    give_up = time.monotonic() + wait_seconds
    seen, since = "", 0.0
    while True:
        found = _read(bucket, key)
        now = time.monotonic()
        if found is None:
            mine = _Said(holder=holder, number=1, good_seconds=good_seconds)
            etag = bucket.put(key, msgspec.json.encode(mine), new=True)
        else:
            said, current = found
            if current != seen:
                seen, since = current, now
            mine = _Said(holder=holder, number=said.number + 1, good_seconds=good_seconds)
            free = said.released or said.holder == holder or now - since >= said.good_seconds
            etag = bucket.put(key, msgspec.json.encode(mine), instead_of=current) if free else None
        if etag is not None:
            return S3Lease(bucket, key, mine, etag)
        if now >= give_up:
            raise Retryable(
                f"another machine ({found[0].holder if found else 'unknown'}) holds {key} for more than "
                f"{wait_seconds:g} s; try again later"
            )
        time.sleep(_PAUSE_SECONDS)


def _read(bucket: S3Bucket, key: str) -> tuple[_Said, str] | None:
    found = bucket.get_with_etag(key)
    return None if found is None else (msgspec.json.decode(found[0], type=_Said), found[1])
