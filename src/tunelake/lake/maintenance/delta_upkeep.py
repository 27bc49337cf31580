"""Compacts one Delta table and removes what is no longer of it; readers and writers may run beside."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from deltalake.exceptions import CommitFailedError, DeltaError

from tunelake.errors import Fatal, Retryable
from tunelake.lake.contracts.contract import Contract
from tunelake.lake.contracts.schema import log_schema
from tunelake.lake.home import Home
from tunelake.lake.locks.leases import held_since, wait_until_free
from tunelake.lake.maintenance.decide import LANDED, LARGE, Need, is_scattered
from tunelake.lake.places.place import Place
from tunelake.lake.tables.delta_tables import writing

if TYPE_CHECKING:
    from deltalake import DeltaTable

_SPILL_BYTES = 1 << 30
_ABANDONED = timedelta(days=1)
"""A file that no commit knows for so long is of a writer that died."""


def sizes(place: Place) -> list[int]:
    """Return the bytes of each file that is of a table now; none when there is no table."""
    table = place.delta()
    return [] if table is None else _sizes(table)


def _sizes(table: DeltaTable) -> list[int]:
    import pyarrow as pa

    found: list[int] = pa.table(table.get_add_actions()).column("size_bytes").to_pylist()
    return found


def reshape(place: Place, need: Need, contract: Contract | None = None, *, target: int = LARGE) -> bool:
    """Make few large files of many; the rows stay the same, and what is appended meanwhile is kept.

    The caller sees to it that nobody else rewrites the table at the same time.

    Args:
        place: Where the table is.
        need: What is to be done.
        contract: The contract, where the table is a log of one.
        target: Bytes of a file at most, about.

    Returns:
        False when somebody else rewrote the table meanwhile, so that nothing was done.

    Raises:
        Fatal: It could not be written; the table is as it was.
    """
    table = place.delta()
    if table is None or need == "nothing":
        return True
    options: dict[str, Any] = {"target_size": target, "max_spill_size": _SPILL_BYTES}
    if contract is not None:
        options["writer_properties"] = writing(log_schema(contract))
    try:
        if need == "sort" and contract is not None:
            # With one column the curve is a line: the rows come out sorted.
            table.optimize.z_order(["_key"], **options)
        else:
            table.optimize.compact(**options)
        table.create_checkpoint()
        table.cleanup_metadata()
    except CommitFailedError:
        return False
    except (DeltaError, OSError) as error:
        raise Fatal(
            f"cannot compact {place.uri}: {error}; it is as it was. Check the space on the disk"
        ) from error
    return True


def tidy(place: Place, contract: Contract) -> None:
    """Make larger files of the small ones of a log when they are many, as a landing does.

    Raises:
        Fatal: It could not be written; the table is as it was.
    """
    if is_scattered(sizes(place)):
        reshape(place, "compact", contract, target=LANDED)


def retire(home: Home, place: Place, keep: timedelta, *, alone: bool, wait_seconds: float = 60.0) -> int:
    """Remove files that have not been of a table for some time, once nobody may read them any more.

    Args:
        home: The home, whose leases count.
        place: Where the table is.
        keep: How long they stay after they were replaced; whoever reads without a lease has this time.
        alone: Nobody writes this table now: files that no commit knows are of writers that died.
        wait_seconds: How long to wait for readers; what one holds beyond that stays until the next time.

    Returns:
        How many were removed.

    Raises:
        Fatal: One could not be removed.
    """
    there = {_base(one.name): one for one in place.files() if one.name.endswith(".parquet")}
    table = place.delta()
    if table is None:
        return 0
    try:
        removed = _retire(home, table, keep, there, wait_seconds)
        known = {*map(_base, table.file_uris()), *map(_base, _replaced(table, 0))}
    except CommitFailedError:
        return 0
    except (DeltaError, OSError) as error:
        raise Fatal(f"cannot remove old files of {place.uri}: {error}") from error
    last = datetime.now(UTC) - (timedelta() if alone else _ABANDONED)
    lost = [
        one.name
        for base, one in there.items()
        if base not in known and "_delta_log" not in one.name and one.changed_at < last.timestamp()
    ]
    if lost and held_since(home):
        return removed
    for name in lost:
        place.remove(name)
    return removed + len(lost)


def replaced(place: Place) -> int:
    """Count the files that are no longer of a table and still there."""
    there = {_base(one.name) for one in place.files()}
    table = place.delta()
    return 0 if table is None else len(_still(table, 0, there))


def _retire(
    home: Home, table: DeltaTable, keep: timedelta, there: Collection[str], wait_seconds: float
) -> int:
    """Remove replaced files as this version of the table knows them: later ones may still be read."""
    hours = math.ceil(keep / timedelta(hours=1))
    # The log names those that were removed before, too.
    if not _still(table, hours, there):
        return 0
    try:
        wait_until_free(home, wait_seconds=wait_seconds)
    except Retryable:
        # An hour more than the oldest reader is old: what it may read was replaced after it began.
        oldest = datetime.now(UTC) - min(held_since(home), default=datetime.now(UTC))
        hours = max(hours, math.ceil(oldest / timedelta(hours=1)) + 1)
    removing = _still(table, hours, there)
    if removing:
        table.vacuum(hours, dry_run=False, enforce_retention_duration=False)
    return len(removing)


def _still(table: DeltaTable, hours: int, there: Collection[str]) -> list[str]:
    return [file for file in _replaced(table, hours) if _base(file) in there]


def _replaced(table: DeltaTable, hours: int) -> list[str]:
    """Name the files that were replaced at least so many hours ago."""
    return table.vacuum(hours, dry_run=True, enforce_retention_duration=False)


def _base(file: str) -> str:
    return file.rsplit("/", 1)[-1]
