"""Being the only one who does something to a lake: on this machine, and on all that share it."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from tunelake.lake.home import Home
from tunelake.lake.locks.file_locks import held


@contextmanager
def exclusive(home: Home, name: str, *, wait_seconds: float = 60.0) -> Iterator[None]:
    """Hold a lock of a lake while the block runs.

    Args:
        home: The home.
        name: Which lock, for example "lander".
        wait_seconds: How long to wait for whoever holds it.

    Raises:
        Retryable: Somebody else held it all that time, or the lake's server does not answer.
        ConfigError: The home cannot be written, or the server refuses.
    """
    with held(home.locks / name, wait_seconds=wait_seconds):
        if home.far is None:
            yield
            return
        from tunelake.lake.locks.s3_lease import s3_lease

        key = f"{home.far.prefix}locks/{name}.json"
        with s3_lease(home.far.bucket, key, _holder(home), wait_seconds=wait_seconds):
            yield


def _holder(home: Home) -> str:
    """Name this home among those that share the lake; called by one process at a time."""
    path = home.locks / "name"
    if not path.exists():
        path.write_text(f"{platform.node()}-{uuid.uuid4().hex[:12]}", encoding="utf-8")
    return path.read_text(encoding="utf-8")
