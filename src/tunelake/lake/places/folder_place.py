"""A place that is a folder of this machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from tunelake.errors import Fatal
from tunelake.lake.places.place import Kept
from tunelake.lake.places.whole_file import write_whole

if TYPE_CHECKING:
    from deltalake import DeltaTable

_NOTHING: dict[str, str] = {}


class FolderPlace(msgspec.Struct, frozen=True):
    """A `Place` below a path; it can be given wherever a path can.

    Attributes:
        path: The folder; it may be missing.
    """

    path: Path

    def __fspath__(self) -> str:
        """Be a path to the functions that take one."""
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def __truediv__(self, name: str) -> FolderPlace:
        """See `Place`."""
        return FolderPlace(self.path / name)

    @property
    def uri(self) -> str:
        """See `Place`."""
        return str(self.path)

    @property
    def options(self) -> Mapping[str, str]:
        """See `Place`."""
        return _NOTHING

    def tables(self) -> list[str]:
        """See `Place`."""
        return sorted(path.parent.name for path in self.path.glob("*/_delta_log"))

    def look(self, names: Collection[str] | None = None) -> dict[str, DeltaTable]:
        """See `Place`."""
        tables = {name: (self / name).delta() for name in (self.tables() if names is None else names)}
        return {name: table for name, table in tables.items() if table is not None}

    def delta(self, version: int | None = None) -> DeltaTable | None:
        """See `Place`."""
        if not (self.path / "_delta_log").is_dir():
            return None
        from tunelake.lake.places.delta_handle import REPAIR, opened

        # What a machine leaves that lost its power in mid-write; delta-rs takes it for a commit of nothing.
        empty = [path.name for path in (self.path / "_delta_log").glob("*.json") if not path.stat().st_size]
        if empty:
            raise Fatal(f"cannot read the table in {self.path}: {empty[0]} of its log is empty{REPAIR}")
        return opened(self.uri, self.options, version)

    def local(self, files: Iterable[str]) -> list[str]:
        """See `Place`; they are here already."""
        # As delta-rs lists them: parts of an address.
        return sorted(map(unquote, files))

    def files(self) -> Iterator[Kept]:
        """See `Place`."""
        for path in sorted(one for one in self.path.rglob("*") if one.is_file()):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue  # gone since it was listed
            name = path.relative_to(self.path).as_posix()
            yield Kept(name=name, size=found.st_size, changed_at=found.st_mtime)

    def read(self, name: str) -> bytes:
        """See `Place`."""
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise Fatal(f"cannot read {self.path / name}: {error.strerror}") from error

    def write(self, name: str, data: bytes) -> None:
        """See `Place`."""
        path = self.path / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data, alone=False)
        except OSError as error:
            raise Fatal(f"cannot write {path}: {error.strerror}; check the space on the disk") from error

    def remove(self, name: str) -> None:
        """See `Place`."""
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise Fatal(f"cannot remove {self.path / name}: {error.strerror}") from error

    def clear(self) -> None:
        """See `Place`."""
        rmtree(self.path, ignore_errors=True)
