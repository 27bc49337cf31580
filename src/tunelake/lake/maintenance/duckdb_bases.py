"""Keeps the bases of large tables: made anew when what was added since has grown."""

from __future__ import annotations

import time
from datetime import timedelta

import msgspec

from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.history import latest, snapshot
from tunelake.lake.history.snapshot_delta import PART, base_of, pending_of
from tunelake.lake.home import Home
from tunelake.lake.locks.leases import leased
from tunelake.lake.maintenance.delta_upkeep import retire, sizes
from tunelake.lake.tables.duckdb_cache import DuckdbCache


class Snapshot(msgspec.Struct, kw_only=True):
    """The base of one table.

    Attributes:
        table: Its name.
        version: The version of the log it stands for; -1: there is none yet.
        rows: How many it has.
        pending: Files that were added to the log since; an engine that reads both has the present state.
        made: It was made anew, or is due in a check.
        bytes: Of its files.
        seconds: How long that took.
    """

    table: str
    version: int = -1
    rows: int = 0
    pending: list[str] = []
    made: bool = False
    bytes: int = 0
    seconds: float = 0.0


def keep_bases(home: Home, patience: float, *, check: bool = False) -> list[Snapshot]:
    """Make the bases that are due, and remove the files of those before; tell of each table that has one.

    Args:
        home: The home.
        patience: Seconds to wait for who reads an old base; it goes the next time.
        check: Only tell.

    Raises:
        Fatal: One could not be read or written.
    """
    cache = DuckdbCache(home)
    try:
        with leased(home):
            found = [_look(home, contract, cache) for contract in load().values()]
        for one in () if check else found:
            if one.made:
                _make(home, cache, one)
            if one.version >= 0:
                retire(home, home.at(PART) / one.table, timedelta(), alone=True, wait_seconds=patience)
    finally:
        cache.close()
    return [one for one in found if one.made or one.version >= 0]


def _look(home: Home, contract: Contract, cache: DuckdbCache) -> Snapshot:
    log, base = (home.tables / contract.table).delta(), base_of(home, contract)
    found = Snapshot(table=contract.table)
    if log is None or (base is None and log.count() < snapshot.LEAST_ROWS):
        return found
    pending = None if base is None else pending_of(home, contract, base, log.version())
    rows = None
    if base is not None:
        found.version, found.rows = base.version, base.rows
    if pending is not None:
        found.pending, rows = pending, _count(contract, cache, pending)
    # One of another log may hold what was erased: however small the table is, it does not stay.
    found.made = snapshot.is_due(log.count(), base, rows) or (base is not None and pending is None)
    return found


def _count(contract: Contract, cache: DuckdbCache, files: list[str]) -> int:
    log = latest.log(contract, files)
    ((count,),) = cache.connection.execute(f"SELECT count(*) FROM ({log})").fetchall()  # noqa: S608  (ours)
    return int(count)


def _make(home: Home, cache: DuckdbCache, one: Snapshot) -> None:
    start = time.monotonic()
    cache.refresh(one.table)
    cache.keep(one.table)
    cache.forget(one.table)
    base = base_of(home, load()[one.table])
    if base is not None:
        one.version, one.rows, one.pending = base.version, base.rows, []
    one.bytes = sum(sizes(home.at(PART) / one.table))
    one.seconds = time.monotonic() - start
