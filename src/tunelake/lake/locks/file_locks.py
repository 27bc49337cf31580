"""Locks between processes, on files; the system frees them when a process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunelake.errors import ConfigError, Retryable

_PAUSE_SECONDS = 0.05


@contextmanager
def held(path: Path, *, wait_seconds: float = 60.0) -> Iterator[None]:
    """Hold a lock while the block runs.

    Args:
        path: The file; made when missing, never removed.
        wait_seconds: How long to wait for whoever holds it.

    Raises:
        Retryable: Somebody else held it all that time.
        ConfigError: The file cannot be written.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}; check the owner of the home") from error
    try:
        give_up = time.monotonic() + wait_seconds
        while not _taken(file):
            if time.monotonic() >= give_up:
                raise Retryable(
                    f"another process holds {path} for more than {wait_seconds:g} s; try again later"
                )
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
