"""Maintenance of a home: what has expired goes, every table in few sorted files, no old version is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.home import Home
from tunelake.lake.locks.exclusive import exclusive
from tunelake.lake.locks.leases import leased
from tunelake.lake.maintenance.decide import Need, needed
from tunelake.lake.maintenance.delta_upkeep import replaced, reshape, retire, sizes
from tunelake.lake.maintenance.duckdb_bases import Snapshot, keep_bases
from tunelake.lake.maintenance.duckdb_sweep import Swept, sweep, unswept
from tunelake.lake.places.place import Place

KEEP = timedelta(days=7)
"""How long replaced files stay for readers without a lease, such as Spark; Delta's own default."""
_WRITERS = {"tables": "lander", "own": "own"}
"""The lock of those who write the tables of a part."""
PATIENCE_SECONDS = 10.0
"""How long to wait for the readers of old files, table by table."""
Progress = Callable[[str, int, int | None], None]


class TableUpkeep(msgspec.Struct, kw_only=True):
    """What maintenance did for one table, or would do.

    Attributes:
        table: Its name.
        part: The part of the home it is in: tables, marts or own.
        need: What its files needed.
        expired: Rows and values of it that had expired.
        done: False when somebody else rewrote it meanwhile: it is left for the next time.
        files: How many files it had, and has.
        bytes: Their bytes before and after.
        disk: Bytes of all files that are kept for it, before and after; old versions included.
        removed: Old files that were removed.
        seconds: How long it took.
    """

    table: str
    part: str
    need: Need
    expired: int = 0
    done: bool = True
    files: tuple[int, int]
    bytes: tuple[int, int]
    disk: tuple[int, int]
    removed: int = 0
    seconds: float = 0.0


class MaintainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a maintenance did.

    Attributes:
        tables: Each table, mart and own table.
        swept: What had expired.
        snapshots: The kept current states of large tables.
        waiting: Tables of which readers still hold files with expired rows: they go the next time.
    """

    tables: list[TableUpkeep]
    swept: Swept
    snapshots: list[Snapshot]
    waiting: list[str]

    @property
    def due(self) -> list[str]:
        """The tables that have something to be done."""
        kept = {one.table for one in self.snapshots if one.made}
        return [
            one.table
            for one in self.tables
            if one.need != "nothing" or one.expired or (one.part == "tables" and one.table in kept)
        ]


def maintain(
    home: Home,
    now: datetime,
    only: Collection[str] = (),
    *,
    keep: timedelta = KEEP,
    check: bool = False,
    patience: float = PATIENCE_SECONDS,
    progress: Progress = lambda *_: None,
) -> MaintainReport:
    """Sweep what has expired, compact the tables and remove old files; others may work beside it.

    Args:
        home: The home.
        now: The present (aware).
        only: The tables to compact; none named: all. What has expired goes from all.
        keep: How long replaced files stay for readers without a lease; expired rows do not.
        check: Only tell what would be done.
        patience: Seconds to wait for the readers of a table's old files.
        progress: Called with what is counted, how many are done, and of how many.

    Raises:
        ConfigError: There is no such table.
        Retryable: Another process maintains this home, or lands it all the time.
        Fatal: A table could not be written; done again, it goes on.
    """
    _chosen(home, only)
    if check:
        with leased(home):
            swept = sweep(home, now, check=True)
    else:
        with exclusive(home, "lander"):
            swept = sweep(home, now)
    tables = upkeep(home, only, keep=keep, check=check, patience=patience, progress=progress)
    waiting = [] if check else [table for table in sorted(load()) if not _is_clean(home, table, patience)]
    for one in tables:
        one.expired = swept.of(one.table) if one.part == "tables" else 0
    return MaintainReport(
        tables=tables, swept=swept, snapshots=_bases(home, patience, check=check), waiting=waiting
    )


def _bases(home: Home, patience: float, *, check: bool) -> list[Snapshot]:
    with ExitStack() as stack:
        if not check:
            stack.enter_context(exclusive(home, "maintenance", wait_seconds=5))
        return keep_bases(home, patience, check=check)


def _is_clean(home: Home, table: str, patience: float) -> bool:
    """Remove old files of a table that hold expired rows; tell whether none is left."""
    note = unswept(home, table)
    if not note.exists():
        return True
    place = home.tables / table
    with exclusive(home, "lander"):
        retire(home, place, timedelta(), alone=True, wait_seconds=patience)
        if replaced(place):
            return False
        note.unlink()
    return True


def upkeep(
    home: Home,
    only: Collection[str] = (),
    *,
    keep: timedelta = KEEP,
    check: bool = False,
    patience: float = PATIENCE_SECONDS,
    progress: Progress = lambda *_: None,
) -> list[TableUpkeep]:
    """Compact the tables of a home and remove their old files; landings and queries may run beside it.

    Args:
        home: The home.
        only: The tables, marts or own tables; none named: all.
        keep: How long replaced files stay for readers without a lease.
        check: Only tell what would be done.
        patience: Seconds to wait for the readers of a table's old files.
        progress: Called with "tables", how many are done, and of how many.

    Raises:
        ConfigError: There is no such table.
        Retryable: Another process maintains this home.
        Fatal: A table could not be written; it is as it was.
    """
    chosen = _chosen(home, only)
    reports = []
    with ExitStack() as stack:
        if not check:
            stack.enter_context(exclusive(home, "maintenance", wait_seconds=5))
        for number, (part, name, place) in enumerate(chosen):
            progress("tables", number, len(chosen))
            contract = load().get(name) if part == "tables" else None
            reports.append(_look(part, name, place))
            if not check:
                _keep_up(home, place, contract, reports[-1], keep, patience)
    return reports


def _chosen(home: Home, only: Collection[str]) -> list[tuple[str, str, Place]]:
    found = list(_tables(home))
    missing = sorted(set(only) - {name for _, name, _ in found} - load().keys())
    if missing:
        raise ConfigError(f"there is no table '{missing[0]}'; there is {', '.join(n for _, n, _ in found)}")
    return [one for one in found if not only or one[1] in only]


def _tables(home: Home) -> Iterator[tuple[str, str, Place]]:
    for part in ("tables", "marts", "own"):
        root = home.at(part)
        for name in root.tables():
            yield part, name, root / name


def _look(part: str, name: str, place: Place) -> TableUpkeep:
    found = sizes(place)
    count, live, disk = len(found), sum(found), _disk(place)
    return TableUpkeep(
        table=name,
        part=part,
        # A mart is written whole each time.
        need=needed(found) if part != "marts" else "nothing",
        files=(count, count),
        bytes=(live, live),
        disk=(disk, disk),
    )


def _keep_up(
    home: Home,
    place: Place,
    contract: Contract | None,
    report: TableUpkeep,
    keep: timedelta,
    patience: float,
) -> None:
    start = time.monotonic()
    if report.need != "nothing":
        # Of two that rewrite a table at once the rows of both would stay: Delta does not find that out.
        with exclusive(home, _WRITERS[report.part]):
            report.done = reshape(place, report.need, contract)
    # A mart of before tells what has expired, and is replaced whole: nobody needs it.
    kept = timedelta() if report.part == "marts" else keep
    report.removed = retire(home, place, kept, alone=False, wait_seconds=patience)
    found = sizes(place)
    report.files = report.files[0], len(found)
    report.bytes = report.bytes[0], sum(found)
    report.disk = report.disk[0], _disk(place)
    report.seconds = time.monotonic() - start


def _disk(place: Place) -> int:
    return sum(one.size for one in place.files())
