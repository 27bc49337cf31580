"""Makes damaged tables anew: from the kept answers, and from what can still be read of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from tunelake.domain.rows import Reader
from tunelake.lake.contracts.contract import load
from tunelake.lake.history import coverage
from tunelake.lake.history.delta_coverage import DeltaCoverage
from tunelake.lake.history.latest import log
from tunelake.lake.home import Home
from tunelake.lake.lander import Lander, LandReport
from tunelake.lake.landing.redaction import erased
from tunelake.lake.landing.sealed import SealedLog, Until
from tunelake.lake.quarantine.duckdb_release import decisions
from tunelake.lake.quarantine.entries import RELEASES
from tunelake.lake.quarantine.mend import MendingReader
from tunelake.lake.repair.duckdb_damage import COVERAGE, LOGS, Damage, find
from tunelake.lake.replay import aside, rebuild
from tunelake.lake.rows.batch import RAW_PAGES
from tunelake.lake.tables.delta_tables import DeltaTables

if TYPE_CHECKING:
    import duckdb

_DONE = {
    LOGS: "made anew from the kept answers",
    COVERAGE: "made anew from what can be read of it",
    "marts": "removed: the next `tunelake build` makes the marts anew",
    "snapshots": "removed: the next `tunelake maintain` makes it anew",
    "own": "left as it is: remove its folder, then run `tunelake pull` again",
}


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """A table that was damaged.

    Attributes:
        part: Which part of the lake it is of.
        table: Its name.
        why: What was wrong.
        done: What was done about it.
        whole: False when rows may have been lost, or somebody has to do something.
    """

    part: str
    table: str
    why: str
    done: str
    whole: bool


def repair(
    home: Home,
    landing: SealedLog,
    connection: duckdb.DuckDBPyConnection,
    reader: Reader,
    *,
    expire: Mapping[str, timedelta],
    round_bytes: int,
    progress: Callable[[LandReport], None] | None = None,
) -> list[Mended]:
    """Read every table, and make those anew that are not whole; the caller holds the lander's lock.

    Ended in mid-way, it can be run again: what can be read of a table stays until the new one is written.

    Args:
        home: The home.
        landing: Its landing log.
        connection: DuckDB in memory.
        reader: Turns pages into rows.
        expire: How long rows may be kept, by rights tag.
        round_bytes: Bytes of bodies that are landed in one round.
        progress: Is told how far the reading of answers is.

    Raises:
        Fatal: A table cannot be written.
    """
    damages = find(connection, home)
    logs = {damage.table: damage for damage in damages if damage.part == LOGS}
    lost: set[str] = set()
    until = None if RAW_PAGES in logs else DeltaTables(home.tables).position(RAW_PAGES)
    kept = Until(landing, until, without=lambda stored: erased(stored.body_hash))
    # What people decided about rows first: the reading of the other tables follows it.
    for names in (logs.keys() & {RELEASES}, logs.keys() - {RELEASES}):
        if names:
            taken = {} if RELEASES in names else decisions(connection, DeltaTables(home.tables))
            with aside(home) as again:
                mending = MendingReader(reader, taken)
                lander = Lander(kept, again, mending, connection, expire=expire, round_bytes=round_bytes)
                lander.land(progress)
                position = again.position(RAW_PAGES) if until is None else until
                lost |= _logs(connection, home, {name: logs[name] for name in names}, again, position)
    for part in {damage.part for damage in damages} & {"marts", "snapshots"}:
        home.at(part).clear()
    for damage in damages:
        if damage.part == COVERAGE:
            _coverage(connection, home, damage)
            lost.add(COVERAGE)
    return [
        Mended(
            part=damage.part,
            table=damage.table,
            why=damage.why,
            done=_DONE[damage.part],
            whole=damage.part != "own" and damage.table not in lost,
        )
        for damage in damages
    ]


def _logs(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    damaged: Mapping[str, Damage],
    again: DeltaTables,
    position: int,
) -> set[str]:
    """Make logs of tables anew, the index of pages last; return those that may lack rows."""
    tables, pages = DeltaTables(home.tables), load()[RAW_PAGES]
    index = list(damaged[RAW_PAGES].readable) if RAW_PAGES in damaged else tables.files(RAW_PAGES)
    read = f"SELECT page_id FROM ({log(pages, again.files(RAW_PAGES))})"  # noqa: S608  (our own SQL)
    unkept = f"SELECT count(*) FROM ({log(pages, index)}) WHERE page_id NOT IN ({read})"  # noqa: S608
    ((gone,),) = connection.execute(unkept).fetchall()
    for name in sorted(damaged, key=lambda name: name == RAW_PAGES):
        damage, contract = damaged[name], load()[name]
        rebuild(connection, contract, list(damage.readable), again)
        rows, reached = "FROM rebuilt", position if damage.log else None
        if damage.log:
            if name == RAW_PAGES:
                # The lander begins anew: tables leave out what they have, and none lacks what others had.
                rows, reached = "FROM kept ANTI JOIN pages USING (page_id)", 0
            (home.tables / name / "_delta_log").clear()
        DeltaTables(home.tables).rewrite(contract, connection.sql(f"{rows} ORDER BY _key"), reached)
    return set(damaged) if gone or RAW_PAGES in damaged else set()


def _coverage(connection: duckdb.DuckDBPyConnection, home: Home, damage: Damage) -> None:
    rows = connection.sql(coverage.log(list(damage.readable))).to_arrow_table()
    if damage.log:
        (home.at(COVERAGE) / "_delta_log").clear()
    DeltaCoverage(home).replace(rows)
