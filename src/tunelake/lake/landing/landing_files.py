"""The landing log on disk: append-only segments, durable when `append` returns.

Any number of threads and processes append: one lock file orders them, and threads that wait for it
share one write and one fsync. A process that died while writing leaves a torn tail; whoever appends or
reads next cuts it off and keeps it aside.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tunelake.domain.pages import Page
from tunelake.errors import Fatal
from tunelake.lake.home import Home
from tunelake.lake.landing import records
from tunelake.lake.landing.fresh_pages import FreshPages
from tunelake.lake.landing.sealed import SealedLog
from tunelake.lake.landing.segments import Damage, Stored, base_of, holding, name_of
from tunelake.lake.places.whole_file import sync_folder
from tunelake.lake.subjects.suppressed import Suppressed

_log = logging.getLogger(__name__)


class _Ticket:
    """One record that waits to be written, and what became of it."""

    __slots__ = ("error", "page", "record", "taken", "told")

    def __init__(self, page: Page) -> None:
        self.page = page
        self.told = records.tell(page)
        self.record = records.encode(page, self.told)
        self.taken = False
        # Whoever wrote for this thread may have been interrupted: no success unless it was said.
        self.error: OSError | None = InterruptedError(errno.EINTR, "the writing thread was interrupted")


class LandingFiles:
    """The landing log of a home; satisfies collect's `Landing`.

    Attributes:
        repairs: Torn tails that this object cut off, for the report of a run.
        damages: Records in the middle that `pages` could not read, and passed over.
    """

    def __init__(self, home: Home, *, segment_bytes: int = 64 << 20) -> None:
        """Open the log of a home; nothing is touched yet.

        Args:
            home: Where the log is.
            segment_bytes: A segment that reached this length gets no more records.
        """
        self.repairs: list[Damage] = []
        self.damages: list[Damage] = []
        self._home = home
        # Plain text: to put paths together costs more than to write a page.
        self._folder = str(home.landing)
        self._lock_file = str(home.locks / "landing")
        self._segment_bytes = segment_bytes
        self._waiting: list[_Ticket] = []
        self._mutex = threading.Lock()
        self._writer = threading.Lock()
        self._checked = (0, 0)  # base of the last segment and its length known to be whole
        self._fresh = FreshPages()
        self._suppressed = Suppressed(home)

    def append(self, page: Page) -> Page | None:
        """Add a page, without what was erased and may not come back; it is on the disk when this returns.

        Returns:
            What was kept instead, when it is not the whole page.

        Raises:
            Fatal: It could not be written; nothing of it is visible.
            ConfigError: What may not come back cannot be read.
        """
        return self.append_all([page])[0]

    def append_all(self, pages: Sequence[Page]) -> list[Page | None]:
        """Add pages, all of them or none, by one write; otherwise as `append`."""
        kept = [self._suppressed.let_in(page) for page in pages]
        tickets = [_Ticket(page) for page in kept]
        with self._mutex:
            self._waiting += tickets
        with self._writer:
            # They wait together, so they are taken together.
            if not all(ticket.taken for ticket in tickets):
                with self._mutex:
                    group, self._waiting = self._waiting, []
                self._write(group)
        for ticket in tickets:
            if ticket.error is not None:
                raise Fatal(
                    f"cannot keep an answer in {self._home.landing}: {ticket.error.strerror}; "
                    "nothing of it was kept; free some space or move TUNELAKE_HOME, then run again"
                ) from ticket.error
        return [None if own is page else own for own, page in zip(kept, pages, strict=True)]

    def end(self) -> int:
        """Return the position after the last durable record, once a torn tail has been cut."""
        with self.held() as end:
            return end

    @contextmanager
    def held(self) -> Iterator[int]:
        """Keep everybody from appending while the block runs; gives the position after the last record."""
        with self._writer, self._locked():
            base, length = self._settle()
            yield base + length

    def pages(self, after: int = 0) -> Iterator[Stored]:
        """Read pages from a position on, in the order they were appended, up to the present end.

        Damaged records are passed over and listed in `damages`.
        """
        end = self.end()
        bases = [base for base in self._bases() if base < end]
        for base in bases[holding(bases, after) :]:
            yield from self._read_segment(base, max(after - base, 0), end - base)

    def forget(self, before: int) -> None:
        """Let go of what is kept in memory of the pages before a position: they are landed."""
        self._fresh.forget(before)

    def sealed(self) -> SealedLog:
        """Return what may be landed now, for whoever has the lander's lock: here, all that was appended."""
        return self

    def read(self, segment: str, offset: int, length: int) -> Stored:
        """Read one page at its place.

        Raises:
            Fatal: There is no whole record; the message names segment and offset.
        """
        base = base_of(segment)
        try:
            return _stored(self._bytes(segment, offset, length), segment, base or 0, offset)
        except (OSError, records.Broken) as error:
            raise Fatal(f"cannot read the answer in {segment} at byte {offset}: {error}") from error

    def _bytes(self, segment: str, offset: int, length: int) -> bytes:
        with (self._home.landing / segment).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def _write(self, group: list[_Ticket]) -> None:
        """Write a group as one; either all of it is durable or nothing of it stays."""
        for ticket in group:
            ticket.taken = True
        data = b"".join(ticket.record for ticket in group)
        error: OSError | None = None
        try:
            with self._locked():
                base, length = self._settle()
                if length >= self._segment_bytes:
                    base, length = base + length, 0
                self._append_bytes(base, length, data)
                self._keep(group, base, length)
        except OSError as met:
            error = met
        for ticket in group:
            ticket.error = error

    def _append_bytes(self, base: int, length: int, data: bytes) -> None:
        file = os.open(self._path(base), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(file, view) :]
            os.fdatasync(file)
        except OSError:
            # To make a file shorter needs no space; should it fail all the same, the next settling cuts.
            os.ftruncate(file, length)
            raise
        finally:
            os.close(file)
        if not length:
            sync_folder(self._home.landing)
        self._checked = (base, length + len(data))

    def _keep(self, group: list[_Ticket], base: int, offset: int) -> None:
        """Keep what was written in memory until it is landed."""
        for ticket in group:
            stored = _place(ticket.page, ticket.told, name_of(base), base, offset, len(ticket.record))
            self._fresh.add(stored)
            offset += stored.length

    def _bases(self) -> list[int]:
        bases = map(base_of, os.listdir(self._folder))  # noqa: PTH208  (paths cost more than the write)
        return sorted(base for base in bases if base is not None)

    def _path(self, base: int) -> str:
        return f"{self._folder}/{name_of(base)}"

    def _settle(self) -> tuple[int, int]:
        """Find the last segment and its whole length; cut what a dead process left half-written.

        Called with the lock held, so that nobody else is writing.
        """
        bases = self._bases()
        base = bases[-1] if bases else 0
        size = os.stat(self._path(base)).st_size if bases else 0  # noqa: PTH116  (as above)
        known = self._checked[1] if self._checked[0] == base else 0
        if size != known:
            whole = self._whole_length(Path(self._path(base)), known if known <= size else 0)
            if whole < size:
                base, whole = self._cut(base, whole, size), 0
            size = whole
        self._checked = (base, size)
        return self._checked

    def _whole_length(self, path: Path, start: int) -> int:
        """Return where the last readable record ends; a bad one with a good one after it is no tail."""
        with path.open("rb") as file:
            file.seek(start)
            data = file.read()
        at = whole = 0
        while at >= 0 and at < len(data):
            try:
                at += records.check(memoryview(data)[at:]).length
                whole = at
            except records.Broken:
                at = records.find(data, at + 1)
        return start + whole

    def _cut(self, base: int, whole: int, size: int) -> int:
        """Keep a torn tail aside, cut it off, and return the base of the next segment."""
        name = name_of(base)
        kept = self._home.torn / f"{name}.{whole}"
        with (self._home.landing / name).open("r+b") as file:
            file.seek(whole)
            kept.write_bytes(file.read())
            # Bytes of the tail may have been read before: their positions are not used again.
            (self._home.landing / name_of(base + size)).touch()
            sync_folder(self._home.landing)
            file.truncate(whole)
            os.fsync(file.fileno())
        reason = "a process ended while writing"
        self.repairs.append(
            Damage(segment=name, offset=whole, length=size - whole, reason=reason, kept=str(kept))
        )
        _log.warning("cut a torn tail: %s", self.repairs[-1])
        return base + size

    def _read_segment(self, base: int, start: int, end: int) -> Iterator[Stored]:
        name = name_of(base)
        with self._opened(name) as file:
            end = min(end, file.seek(0, os.SEEK_END))
            at = start
            while at < end:
                if fresh := self._fresh.take(base + at):
                    yield fresh
                    at += fresh.length
                    continue
                try:
                    file.seek(at)
                    first = file.read(records.HEAD_BYTES)
                    record = first + file.read(max(records.head(first).length - len(first), 0))
                    stored = _stored(record, name, base, at)
                except records.Broken as error:
                    at = self._pass_over(file, name, at, end, str(error))
                    continue
                yield stored
                at += stored.length

    def _opened(self, name: str) -> BinaryIO:
        return (self._home.landing / name).open("rb")

    def _pass_over(self, file: BinaryIO, name: str, at: int, end: int, reason: str) -> int:
        """Note damage and return where the next record may start."""
        file.seek(at)
        found = records.find(file.read(end - at), 1)
        after = at + found if found > 0 else end
        self.damages.append(Damage(segment=name, offset=at, length=after - at, reason=reason))
        _log.error("the landing log is damaged: %s", self.damages[-1])
        return after

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock that orders all processes that append."""
        file = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def _stored(record: bytes, segment: str, base: int, offset: int) -> Stored:
    told, body = records.decode(record)
    return _place(records.with_body(told.page, body), told, segment, base, offset, len(record))


def _place(page: Page, told: records.Meta, segment: str, base: int, offset: int, length: int) -> Stored:
    return Stored(
        page=page,
        size=told.size,
        body_hash=told.body_hash,
        segment=segment,
        offset=offset,
        length=length,
        position=base + offset,
    )
