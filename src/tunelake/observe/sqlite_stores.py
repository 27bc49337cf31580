"""The stores of a home that answer questions: how large, how old, which version."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tunelake.lake.home import Home
from tunelake.observe.file_sizes import sizes
from tunelake.observe.status import StoreState

_BESIDE = ("-wal", "-shm", "-lock", ".lock")
_VERSION = "select version from publication where id = 1"


def store_states(home: Home) -> list[StoreState]:
    """Look at the stores of a home that answer questions."""
    found = []
    for path in sorted(home.serving.iterdir()) if home.serving.is_dir() else ():
        if path.name.endswith(_BESIDE):
            continue
        files = list(sizes(path)) if path.is_dir() else [(path.stat().st_mtime, path.stat().st_size)]
        if files:
            found.append(
                StoreState(
                    name=path.name,
                    bytes=sum(size for _, size in files),
                    written_at=datetime.fromtimestamp(max(at for at, _ in files), UTC),
                    version=_version(path),
                )
            )
    return found


def _version(path: Path) -> str:
    """How often a catalogue was published; empty for stores of other kinds."""
    if path.suffix != ".db":
        return ""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)) as database:
            found = database.execute(_VERSION).fetchone()
    except sqlite3.Error:
        # Not yet published, or being opened for the first time: there is no version to tell.
        return ""
    return str(found[0]) if found else ""
