"""A private SQLite database for one upload: as large as the disk for temporary files, gone when closed."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import ClassVar, Self

from tunelake.errors import Fatal

_QUICK = """
pragma journal_mode = off;
pragma synchronous = off;
"""


class Scratch:
    """Keeps what does not fit in memory; a subclass says what, and in which tables.

    Leaving the context raises Fatal when the disk for temporary files is full.
    """

    _SCHEMA: ClassVar[str]
    _HOLDS: ClassVar[str]

    def __init__(self) -> None:
        self._db = sqlite3.connect("")
        self._db.executescript(_QUICK + self._SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        if isinstance(error, sqlite3.OperationalError):
            raise Fatal(
                f"the {self._HOLDS} do not fit on the disk for temporary files ({error}); nothing was taken: "
                "free some space there, or point TMPDIR to another disk, and run again"
            ) from error
