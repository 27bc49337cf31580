"""What became of an upload, for people and programs."""

from __future__ import annotations

import msgspec

MOST_LISTED = 100
"""Rejected rows and conflicts listed in a report; all are counted, and all rejected rows are kept."""


class RejectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that could not be taken.

    Attributes:
        row: Its number in the file, counted from 1 without the header.
        column: The file's column, None where it is not about one.
        value: What stood there.
        reason: What was expected, for people.
    """

    row: int
    reason: str
    column: str | None = None
    value: str | None = None


class UploadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file; `rows_read` is always `rows_taken` + `rows_rejected`.

    Attributes:
        mapping: Field to the file's columns that say it, first choice first.
        unused: Columns that say nothing to any table; their values are kept in the raw pages.
        nulls: How often each text that means "no value" was met ("" for empty values).
        rejected: The first rejected rows; `rows_rejected` counts all.
        conflicts: How many rows say other things about something than an earlier row, which is believed.
        conflict_rows: The first of them in words.
        rows: Rows the upload tells, by table.
        pages: Pages appended to the landing log.
    """

    file: str
    kind: str
    source: str
    rights: str
    format: str
    rows_read: int
    rows_taken: int
    rows_rejected: int
    mapping: dict[str, tuple[str, ...]]
    unused: tuple[str, ...]
    nulls: dict[str, int]
    rejected: tuple[RejectedRow, ...]
    conflicts: int
    conflict_rows: tuple[str, ...]
    rows: dict[str, int]
    pages: int
