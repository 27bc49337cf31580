"""How large folders and stores are on the disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tunelake.errors import Fatal
from tunelake.lake.home import Home
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


def sizes(folder: Path) -> Iterator[tuple[float, int]]:
    """Time and size of each file below a folder; some may go while it is looked at."""
    try:
        for entry in os.scandir(folder):
            try:
                if entry.is_dir(follow_symlinks=False):
                    yield from sizes(Path(entry.path))
                else:
                    found = entry.stat(follow_symlinks=False)
                    yield found.st_mtime, found.st_size
            except FileNotFoundError:
                continue
    except FileNotFoundError:
        return
    except OSError as error:
        raise Fatal(f"cannot read {folder}: {error.strerror}") from error
