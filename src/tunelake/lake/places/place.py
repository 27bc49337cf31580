"""Where a part of the lake is kept: a folder of this machine, or a prefix in a bucket."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from deltalake import DeltaTable


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A file at a place.

    Attributes:
        name: Its name below the place, with "/" between folders.
        size: Its length in bytes.
        changed_at: When it was written, in seconds since 1970.
    """

    name: str
    size: int
    changed_at: float


class Place(Protocol):
    """A folder that may be far away; what is below it is reached through here alone.

    Everything raises Retryable when a server does not answer for now, ConfigError when it refuses the
    credentials or has no such bucket, and Fatal when a file cannot be read or written.
    """

    @property
    def uri(self) -> str:
        """Its path or address, as the writers of tables and the engines take it."""

    @property
    def options(self) -> Mapping[str, str]:
        """What delta-rs has to be told to get there; holds secrets."""

    def __truediv__(self, name: str) -> Place:
        """Give the place of that name in this one."""

    def tables(self) -> list[str]:
        """Name the Delta tables directly below, in order."""

    def look(self, names: Collection[str] | None = None) -> dict[str, DeltaTable]:
        """Open Delta tables directly below as they are now, to be read and never written, all at once.

        Args:
            names: Which; those that are not there are left out. None: all there are.
        """

    def delta(self, version: int | None = None) -> DeltaTable | None:
        """Open the Delta table that is here, to be read or written.

        Args:
            version: As it was then; None: as it is now.

        Returns:
            None when there is none, or only half of its first commit.
        """

    def local(self, files: Iterable[str]) -> list[str]:
        """Give paths at which this machine reads files of the table here, fetched when they are far away.

        Args:
            files: Addresses of files that never change, as a Delta table lists them.
        """

    def files(self) -> Iterator[Kept]:
        """List every file below, in order of their names."""

    def read(self, name: str) -> bytes:
        """Return the bytes of a file below."""

    def write(self, name: str, data: bytes) -> None:
        """Put a file below, whole or not at all, in the place of what had that name."""

    def remove(self, name: str) -> None:
        """Remove a file below; one that is gone is fine."""

    def clear(self) -> None:
        """Remove everything below, and the place."""
