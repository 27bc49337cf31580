"""How large folders are on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tunelake.errors import Fatal


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
