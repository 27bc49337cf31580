"""Maintenance of a home: every table in few sorted files, and nothing kept that need not be."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import timedelta

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.contract import Contract, load
from tunelake.lake.exclusive import exclusive
from tunelake.lake.home import Home
from tunelake.lake.maintenance.decide import Need, needed
from tunelake.lake.maintenance.delta_upkeep import reshape, retire, sizes
from tunelake.lake.place import Place

KEEP = timedelta(days=7)
"""How long replaced files stay for readers without a lease, such as Spark; Delta's own default."""
_WRITERS = {"tables": "lander", "own": "own"}
"""The lock of those who write the tables of a part."""
_PATIENCE_SECONDS = 10.0
Progress = Callable[[str, int, int | None], None]


class TableUpkeep(msgspec.Struct, kw_only=True):
    """What maintenance did for one table, or would do.

    Attributes:
        table: Its name.
        part: The part of the home it is in: tables, marts or own.
        need: What its files needed.
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
    done: bool = True
    files: tuple[int, int]
    bytes: tuple[int, int]
    disk: tuple[int, int]
    removed: int = 0
    seconds: float = 0.0


def upkeep(
    home: Home,
    only: Collection[str] = (),
    *,
    keep: timedelta = KEEP,
    check: bool = False,
    progress: Progress = lambda *_: None,
) -> list[TableUpkeep]:
    """Compact the tables of a home and remove their old files; landings and queries may run beside it.

    Args:
        home: The home.
        only: The tables, marts or own tables; none named: all.
        keep: How long replaced files stay for readers without a lease.
        check: Only tell what would be done.
        progress: Called with "tables", how many are done, and of how many.

    Raises:
        ConfigError: There is no such table.
        Retryable: Another process maintains this home.
        Fatal: A table could not be written; it is as it was.
    """
    found = list(_tables(home))
    missing = sorted(set(only) - {name for _, name, _ in found} - load().keys())
    if missing:
        raise ConfigError(f"there is no table '{missing[0]}'; there is {', '.join(n for _, n, _ in found)}")
    chosen = [one for one in found if not only or one[1] in only]
    reports = []
    with ExitStack() as stack:
        if not check:
            stack.enter_context(exclusive(home, "maintenance", wait_seconds=5))
        for number, (part, name, place) in enumerate(chosen):
            progress("tables", number, len(chosen))
            contract = load().get(name) if part == "tables" else None
            reports.append(_look(part, name, place))
            if not check:
                _keep_up(home, place, contract, reports[-1], keep)
    return reports


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
    home: Home, place: Place, contract: Contract | None, report: TableUpkeep, keep: timedelta
) -> None:
    start = time.monotonic()
    if report.need != "nothing":
        # Of two that rewrite a table at once the rows of both would stay: Delta does not find that out.
        with exclusive(home, _WRITERS[report.part]):
            report.done = reshape(place, report.need, contract)
    report.removed = retire(home, place, keep, alone=False, wait_seconds=_PATIENCE_SECONDS)
    found = sizes(place)
    report.files = report.files[0], len(found)
    report.bytes = report.bytes[0], sum(found)
    report.disk = report.disk[0], _disk(place)
    report.seconds = time.monotonic() - start


def _disk(place: Place) -> int:
    return sum(one.size for one in place.files())
