"""What a file is, told by its first bytes and not by its name. Pure."""

from __future__ import annotations

import csv
from typing import Literal

from tunelake.errors import ConfigError

Format = Literal["csv", "json", "parquet"]

_KNOWN: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a spreadsheet or a zip archive; save the sheet as CSV, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet; save it as CSV"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it first"),
    (b"BZh", "packed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "packed with xz; unpack it first"),
    (b"SQLite format 3", "an SQLite database; export a table as CSV"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def format_of(head: bytes, name: str) -> Format:
    """Tell a file's format by its first bytes (after gzip).

    Raises:
        ConfigError: The file is empty or is none of the formats; the message says what it seems to be.
    """
    if not head.strip():
        raise ConfigError(f"{name} is empty: there is nothing to upload")
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, meaning in _KNOWN:
        if head.startswith(magic):
            raise ConfigError(f"{name} is {meaning}. CSV, JSON, JSON lines and Parquet can be uploaded")
    if b"\x00" in head and not head.startswith(_UTF16):
        raise ConfigError(
            f"{name} is not text, and not Parquet. CSV, JSON, JSON lines and Parquet can be uploaded"
        )
    return "json" if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"[", b"{"} else "csv"


def encoding_of(head: bytes) -> str:
    """Tell how text is encoded: UTF-8 with or without a byte order mark, or UTF-16 with one."""
    return "utf-16" if head.startswith(_UTF16) else "utf-8-sig"


def delimiter_of(text: str) -> str:
    """Tell what separates the columns of a CSV file: what the first line has most columns with."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t|", key=lambda delimiter: len(next(csv.reader([line], delimiter=delimiter), [])))
