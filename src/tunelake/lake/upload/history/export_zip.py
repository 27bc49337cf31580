"""The files of an export: a ZIP as it was handed out, or one JSON file of it, read in pieces."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.upload.formats import encoding_of
from tunelake.lake.upload.gzip_file import open_bytes
from tunelake.lake.upload.history.play import Shape, shape_of
from tunelake.lake.upload.json_rows import Values

_ENCRYPTED = 1
_HEAD = 4096
_SHAPES: tuple[Shape | None, ...] = ("extended", "account", None)


class Member(msgspec.Struct, frozen=True):
    """One file of an export; `shape` is None for what is no listening history."""

    name: str
    shape: Shape | None


class Export:
    """An export; what is exact comes first: extended history before account data.

    Raises:
        ConfigError: It is a damaged or locked ZIP.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_zip = is_zip(path)
        self.members = sorted(self._members(), key=lambda member: (_SHAPES.index(member.shape), member.name))

    @property
    def has_history(self) -> bool:
        """Whether any file of it is a listening history."""
        return any(member.shape for member in self.members)

    def rows(self, member: Member) -> Iterator[Any]:
        """Read the rows of a file, one by one.

        Raises:
            ConfigError: It is not JSON, or damaged; the message names file and line.
        """
        with self._open(member.name) as file, _text(file) as text:
            yield from Values(text, self._named(member.name))

    def _members(self) -> Iterator[Member]:
        if not self._is_zip:
            yield Member(self._path.name, self._shape(self._path.name))
            return
        with _reading(self._path), zipfile.ZipFile(self._path) as archive:
            found = [one for one in archive.infolist() if not one.is_dir()]
        for one in found:
            if one.flag_bits & _ENCRYPTED:
                raise ConfigError(f"{self._path} is locked by a password; unpack it and upload the files")
            is_json = one.filename.lower().endswith(".json") and not one.filename.startswith("__MACOSX/")
            yield Member(one.filename, self._shape(one.filename) if is_json else None)

    def _shape(self, name: str) -> Shape | None:
        with self._open(name) as file, _text(file) as text:
            head = text.read(_HEAD).lstrip()
            if not head.startswith("["):
                return None
        with self._open(name) as file, _text(file) as text:
            return shape_of(next(iter(Values(text, self._named(name))), None))

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        if not self._is_zip:
            with open_bytes(self._path) as plain:
                yield plain
            return
        with _reading(self._path), zipfile.ZipFile(self._path) as archive, archive.open(name) as member:
            yield member

    def _named(self, name: str) -> Path:
        return self._path / name if self._is_zip else self._path


def is_zip(path: Path) -> bool:
    """Tell whether a file is a ZIP, by its first bytes."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


@contextmanager
def _text(file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    buffered = io.BufferedReader(file, 1 << 16) if isinstance(file, io.RawIOBase) else file
    peek = buffered.peek(4) if isinstance(buffered, io.BufferedReader | zipfile.ZipExtFile) else b""
    with io.TextIOWrapper(buffered, encoding=encoding_of(peek), newline="") as text:
        yield text


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ConfigError(f"{path} is a damaged or incomplete ZIP ({error}); nothing was taken") from error
