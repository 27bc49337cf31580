"""A small file of this machine: there whole or not at all, whatever ends the process or the machine."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def draft_of(path: Path) -> Path:
    """Give the file in which `write_whole` begins where nobody else writes the same."""
    return path.with_name(f".{path.name}")


def write_whole(path: Path, data: bytes, *, alone: bool = True, private: bool = False) -> None:
    """Put a file in the place of what has its name; durable when it returns.

    Args:
        path: The file; its folder is there.
        data: All of it.
        alone: Nobody else writes it at the same time: what a process left that ended is written over.
        private: Only its owner may read it.

    Raises:
        OSError: It cannot be written; what was there stays.
    """
    mine = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.draft")
    draft = draft_of(path) if alone else mine
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666)
        with os.fdopen(file, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make the names of a folder's new files durable.

    Raises:
        OSError: It cannot be done.
    """
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
