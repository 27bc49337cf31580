"""Copies what a lake holds from one place to another; done again, it goes on where it ended."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from tunelake.lake.places.place import Kept, Place

_AT_ONCE = 8


class Copied(msgspec.Struct, kw_only=True):
    """What was copied.

    Attributes:
        files: Files that were copied.
        there: Files that an earlier try had copied.
        bytes: Length of the files that were copied.
    """

    files: int = 0
    there: int = 0
    bytes: int = 0


def copy(source: Place, target: Place, copied: Copied, progress: Callable[[int], None]) -> None:
    """Make a place hold what another holds.

    Args:
        source: What is copied.
        target: Where to; what it has more than the source goes.
        copied: Is added to.
        progress: Told how many files are done.
    """
    there = {file.name: file for file in target.files()}
    # An open segment without an answer is of this machine.
    files = [file for file in source.files() if file.size]
    for name in there.keys() - {file.name for file in files}:
        target.remove(name)

    def take(file: Kept) -> int:
        if _is_same(file, there.get(file.name)):
            return 0
        target.write(file.name, source.read(file.name))
        return file.size

    with ThreadPoolExecutor(_AT_ONCE) as copying:
        for size in copying.map(take, files):
            copied.there += not size
            copied.files += bool(size)
            copied.bytes += size
            progress(copied.files + copied.there)


def _is_same(file: Kept, there: Kept | None) -> bool:
    """Files of a lake never change but for answers that are erased, which keep their length."""
    return there is not None and there.size == file.size and there.changed_at > file.changed_at
