"""Rows of a CSV file: any of the usual delimiters, quoted fields, UTF-8 with or without a mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tunelake.errors import ConfigError
from tunelake.lake.upload.formats import delimiter_of, encoding_of
from tunelake.lake.upload.gzip_file import HEAD_BYTES, open_bytes
from tunelake.lake.upload.typed import Problem

Row = tuple[dict[str, Any], Problem | None]
_ENDLESS = ("unexpected end of data", "field larger than field limit")


class CsvRows:
    """One CSV file; read again at each `rows`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with open_bytes(path) as file:
            head = file.read(HEAD_BYTES)
        self._encoding = encoding_of(head)
        self._delimiter = delimiter_of(head.decode(self._encoding, errors="replace"))
        self.columns = self._columns()

    def rows(self) -> Iterator[Row]:
        """Read each row with what is wrong with it, if anything is before it is even read.

        Raises:
            ConfigError: A quote is opened and never closed, so that rows cannot be told apart.
        """
        with self._lines() as text:
            lines = _Remembered(text)
            reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
            header = False
            while True:
                lines.seen.clear()
                try:
                    values = next(reader, None)
                except csv.Error as error:
                    self._refuse_endless(error, reader.line_num)
                    yield {"text": "".join(lines.seen)}, Problem(reason=f"line {reader.line_num}: {error}")
                    continue
                if values is None:
                    return
                if not values:
                    continue
                if not header:
                    header = True
                elif len(values) == len(self.columns):
                    yield dict(zip(self.columns, values, strict=True)), None
                else:
                    counted = f"has {len(values)} values where the header has {len(self.columns)}"
                    yield {"values": values}, Problem(reason=f"line {reader.line_num}: {counted}")

    def _columns(self) -> list[str]:
        with self._lines() as text:
            reader = csv.reader(text, delimiter=self._delimiter, strict=True)
            try:
                header = next((values for values in reader if values), [])
            except csv.Error as error:
                raise ConfigError(f"the header of {self._path} cannot be read: {error}") from error
        names: list[str] = []
        for number, name in enumerate(header, start=1):
            wanted = name.strip() or f"column {number}"
            same = sum(1 for known in names if known == wanted or known.startswith(f"{wanted} ("))
            names.append(f"{wanted} ({same + 1})" if same else wanted)
        return names

    def _lines(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(open_bytes(self._path), encoding=self._encoding, newline="")

    def _refuse_endless(self, error: csv.Error, line: int) -> None:
        if str(error).startswith(_ENDLESS):
            raise ConfigError(
                f"{self._path}: a quote is opened and not closed before line {line}, "
                "so the rows cannot be told apart; nothing was taken"
            ) from error


class _Remembered:
    """Lines on their way to the parser, kept until the next row."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self._lines = lines
        self.seen: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.seen.append(line)
        return line
