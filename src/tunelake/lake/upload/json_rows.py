"""Rows of a JSON file: a list of objects, or objects one after the other (JSON lines), read in pieces."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tunelake.errors import ConfigError
from tunelake.lake.upload.flat import flatten
from tunelake.lake.upload.formats import encoding_of
from tunelake.lake.upload.gzip_file import HEAD_BYTES, open_bytes
from tunelake.lake.upload.typed import Problem

Row = tuple[dict[str, Any], Problem | None]
_MOST_CHARS = 1 << 24  # a longer row is taken for a broken file
_SPACE = " \t\r\n"


class JsonRows:
    """One JSON file; read again at each `rows`. Its columns are all names that occur in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with open_bytes(path) as file:
            self._encoding = encoding_of(file.peek(4))
        self.columns = list(
            dict.fromkeys(name for values, wrong in self.rows() if not wrong for name in values)
        )

    def rows(self) -> Iterator[Row]:
        """Read each row with what is wrong with it.

        Raises:
            ConfigError: The file is not JSON; the message names the line.
        """
        with io.TextIOWrapper(open_bytes(self._path), encoding=self._encoding, newline="") as text:
            for value in Values(text, self._path):
                if isinstance(value, dict):
                    yield flatten(value), None
                else:
                    yield {"value": value}, Problem(reason="expected an object with named values")


class Values:
    """The values of a list, or of a sequence without one."""

    def __init__(self, text: io.TextIOWrapper, path: Path) -> None:
        self._text = text
        self._path = path
        self._decoder = json.JSONDecoder()
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._ended = False

    def __iter__(self) -> Iterator[Any]:
        in_list = self._next() == "["
        if in_list:
            self._at += 1
        first = True
        while (char := self._next()) and not (in_list and char == "]"):
            if in_list and not first:
                if char != ",":
                    raise self._broken("expected a comma or the end of the list")
                self._at += 1
                self._next()
            yield self._value()
            first = False
        if in_list:
            if not char:
                raise self._broken("the file ends inside the list")
            self._at += 1
            if self._next():
                raise self._broken("there is more after the end of the list")

    def _next(self) -> str:
        """Skip space; the next character, or nothing at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _value(self) -> object:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._buffer) - self._at > _MOST_CHARS or not self._more():
                    raise self._broken(
                        getattr(error, "msg", str(error)), getattr(error, "pos", None)
                    ) from error
                continue
            # A number at the buffer's end may go on in the next piece.
            if end < len(self._buffer) or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on, twice as much as is waiting; False at the end of the file."""
        self._line += self._buffer.count("\n", 0, self._at)
        self._buffer = self._buffer[self._at :]
        self._at = 0
        piece = "" if self._ended else self._text.read(max(HEAD_BYTES, len(self._buffer)))
        self._ended = not piece
        self._buffer += piece
        return bool(piece)

    def _broken(self, reason: str, position: int | None = None) -> ConfigError:
        line = self._line + self._buffer.count("\n", 0, self._at if position is None else position)
        return ConfigError(f"{self._path} is broken JSON at line {line}: {reason}; nothing was taken")
