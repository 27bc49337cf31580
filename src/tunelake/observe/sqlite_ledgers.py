"""The ledgers in the control database of a home, counted by SQLite itself, beside whoever writes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tunelake.errors import ConfigError
from tunelake.observe.ledgers import counted
from tunelake.observe.status import LedgerState

_WAIT_S = 2.0


def ledgers(control: Path, sources: Mapping[str, str]) -> list[LedgerState]:
    """Count what the ledgers hold; nothing where there is no control database.

    Args:
        control: The control database.
        sources: The sources that are configured, with the bases of their APIs.

    Raises:
        ConfigError: The database cannot be read.
    """
    if not control.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{control}?mode=ro", uri=True, timeout=_WAIT_S)) as base:

            def read(query: str) -> list[tuple[Any, ...]]:
                try:
                    return base.execute(query).fetchall()
                except sqlite3.OperationalError as error:
                    if "no such table" in str(error):
                        return []
                    raise

            return counted(read, sources)
    except sqlite3.DatabaseError as error:
        raise ConfigError(
            f"the control database {control} cannot be used ({error}): if it is damaged, "
            "`tunelake ledger --rebuild` makes it anew from the answers that are kept"
        ) from error
