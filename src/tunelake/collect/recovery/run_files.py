"""Which runs go on, and from where in the landing log each may have landed: a locked file each.

The lock ends with the process, however it ends, so a file that can be locked tells of a run that died;
what landed from its position on may be unknown to the ledger.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def running(folder: Path, position: int) -> Iterator[None]:
    """Say that a run goes on; its file stays when the run ends by an error.

    Args:
        folder: Where the files are; made when missing.
        position: The end of the landing log as the run starts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, file = _begin(folder, position)
    try:
        yield
        path.unlink()
    finally:
        os.close(file)


def left_by_the_dead(folder: Path) -> dict[Path, int]:
    """The files of runs that died, with their positions; `forget` them once that is made good."""
    found: dict[Path, int] = {}
    for path in sorted(folder.glob("*.run")) if folder.is_dir() else ():
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            text = os.read(file, 32)
            # A file without a position was locked before its run could land anything.
            found[path] = int(text) if text.isdigit() else -1
        finally:
            os.close(file)
    return {path: position for path, position in found.items() if position >= 0}


def forget(files: Iterable[Path]) -> None:
    """Remove files of dead runs."""
    for path in files:
        path.unlink(missing_ok=True)


def _begin(folder: Path, position: int) -> tuple[Path, int]:
    path = folder / f"{uuid4().hex}.run"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    fcntl.flock(file, fcntl.LOCK_EX)
    os.write(file, str(position).encode())
    return path, file
