"""The landing log of a lake in a bucket: the open segment is on this machine, those that were landed are far.

Appending asks no server: a page is durable on this machine's disk. Whoever lands closes the open segment
and puts it into the bucket, once, under the position at which the whole lake goes on; only then may a
table refer to it. Two machines that append meanwhile both begin where the lake ended: the later one to
land moves its segments up, before anything refers to them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from tunelake.errors import Fatal, Retryable
from tunelake.lake.home import Home
from tunelake.lake.landing.fresh_pages import FreshPages
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.landing.sealed import SealedLog, Until
from tunelake.lake.landing.segments import Stored, base_of, holding, name_of
from tunelake.lake.places.s3_place import S3Place
from tunelake.lake.places.whole_file import sync_folder

_HASH = "sha256"
_NO_END = 1 << 62


class S3Landing(LandingFiles):
    """A landing log whose closed segments are in a bucket; satisfies collect's `LandingLog`."""

    def __init__(self, home: Home, far: S3Place, *, segment_bytes: int = 64 << 20) -> None:
        """Open the log; nothing is touched yet.

        Args:
            home: The home, with the open segment.
            far: Where closed segments go.
            segment_bytes: A segment that reached this length gets no more records.
        """
        super().__init__(home, segment_bytes=segment_bytes)
        self._far = far
        # Kept by position, and what this machine has not sealed yet may move: not even an empty body.
        self._fresh = FreshPages(-1)

    def pages(self, after: int = 0) -> Iterator[Stored]:
        """Read pages from a position on, those of other machines among them; see `LandingFiles.pages`.

        What was appended here since a position is there, though it may have moved up.
        """
        end = self.end()
        here = self._bases()
        # All that this machine has not put away is here: for that nobody needs to be asked.
        far = [] if here and after >= here[0] else sorted(self._far_sizes())
        bases = sorted({*here, *far})
        for base in bases[holding(bases, after) :]:
            until = end if here and base == here[-1] else _NO_END
            yield from self._read_segment(base, max(after - base, 0), until - base)

    def sealed(self) -> SealedLog:
        """Close what was appended, put it into the bucket, and return all that is there.

        The caller is the only one who lands this lake, on any machine.

        Raises:
            Retryable: The server does not answer, or another machine lands; nothing was lost.
        """
        far = self._far_sizes()
        with self._writer, self._locked():
            closed, until = self._close(far)
        for base in closed:
            self._put(base)
        return Until(self, until)

    def forget(self, before: int) -> None:
        """Remove the copies of segments that are landed and in the bucket."""
        for base in self._bases()[:-1]:
            path = Path(self._path(base))
            with suppress(FileNotFoundError):
                if base + path.stat().st_size <= before:
                    path.unlink()

    def begin(self) -> None:
        """Let the open segment of a new home begin where the lake ends."""
        ends = [base + size for base, size in self._far_sizes().items()]
        Path(self._path(max(ends, default=0))).touch()

    def _far_sizes(self) -> dict[int, int]:
        return {base: found.size for found in self._far.files() if (base := base_of(found.name)) is not None}

    def _close(self, far: dict[int, int]) -> tuple[list[int], int]:
        """Close the open segment, and move up what other machines' segments overtook.

        Returns:
            The closed segments that are not in the bucket, and where the open one begins.
        """
        base, length = self._settle()
        if length:
            Path(self._path(base + length)).touch()
        floor = max((start + size for start, size in far.items()), default=0)
        moves: dict[int, int] = {}
        for start in self._bases():
            size = Path(self._path(start)).stat().st_size
            if start in far and self._is_ours(start):
                continue
            moves[start] = max(start, floor)
            floor = moves[start] + size
        if not moves:  # nobody has appended here yet
            moves[floor] = floor
            Path(self._path(floor)).touch()
        for start, target in sorted(moves.items(), reverse=True):
            if start != target:
                Path(self._path(start)).rename(self._path(target))
        sync_folder(self._home.landing)
        *closed, last = sorted(moves.values())
        return closed, last

    def _is_ours(self, base: int) -> bool:
        """Whether what is in the bucket under this name is our segment, put there before."""
        data = Path(self._path(base)).read_bytes()
        return bool(data) and self._told(base) == hashlib.sha256(data).hexdigest()

    def _told(self, base: int) -> str | None:
        return (self._far.bucket.told_of(self._far.prefix + name_of(base)) or {}).get(_HASH)

    def _put(self, base: int) -> None:
        path = Path(self._path(base))
        data = path.read_bytes()
        if not data:
            path.unlink()  # what a torn tail left behind
            return
        told = {_HASH: hashlib.sha256(data).hexdigest()}
        key = self._far.prefix + path.name
        if self._far.bucket.put(key, data, new=True, told=told) is None and not self._is_ours(base):
            raise Retryable("another machine lands this lake at this moment; nothing was lost, run again")

    def _opened(self, name: str) -> BinaryIO:
        try:
            return super()._opened(name)
        except FileNotFoundError:
            return io.BytesIO(self._far.read(name))

    def _bytes(self, segment: str, offset: int, length: int) -> bytes:
        try:
            return super()._bytes(segment, offset, length)
        except FileNotFoundError:
            data = self._far.bucket.get(self._far.prefix + segment, offset, length)
        if data is None:
            raise Fatal(f"the segment {segment} is gone from {self._far.uri}")
        return data
