"""What became of the upload of a listening history."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tunelake.lake.upload.report import MOST_LISTED, RejectedRow


class FileReport(msgspec.Struct, kw_only=True):
    """One file of an export; `rows` is always `taken` + `duplicates` + `rejected`."""

    file: str
    shape: str
    rows: int = 0
    taken: int = 0
    duplicates: int = 0
    rejected: int = 0


class HistoryReport(msgspec.Struct, kw_only=True):
    """What became of an export; `rows_read` is always `rows_taken` + `rows_duplicate` + `rows_rejected`.

    Attributes:
        users: Whose plays they are.
        files: The histories of the export, in the order they were read.
        passed_over: Other files of it, which were not read.
        left_out: Fields that stayed outside, and in how many rows they stood.
        rejected: The first rejected rows by file; `rows_rejected` counts all.
        first: The earliest play taken.
        last: The latest play taken.
        pages: Pages appended to the landing log.
    """

    file: str
    source: str
    rights: str
    kind: str = "listens"
    users: list[str] = []
    rows_read: int = 0
    rows_taken: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    files: list[FileReport] = []
    passed_over: list[str] = []
    left_out: dict[str, int] = {}
    rejected: dict[str, list[RejectedRow]] = {}
    first: datetime | None = None
    last: datetime | None = None
    pages: int = 0

    def reject(self, file: FileReport, row: RejectedRow) -> None:
        """Count a row that cannot be taken, and list it while there is room."""
        file.rejected += 1
        if sum(map(len, self.rejected.values())) < MOST_LISTED:
            self.rejected.setdefault(file.file, []).append(row)

    def take(self, file: FileReport, at: datetime) -> None:
        """Count a play."""
        file.taken += 1
        if self.first is None or at < self.first:
            self.first = at
        if self.last is None or at > self.last:
            self.last = at

    def add(self, file: FileReport) -> None:
        """Add up a file that has been read."""
        self.files.append(file)
        self.rows_read += file.rows
        self.rows_taken += file.taken
        self.rows_duplicate += file.duplicates
        self.rows_rejected += file.rejected
