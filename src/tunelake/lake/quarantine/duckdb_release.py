"""Reads kept answers again whose rows are in quarantine, and puts what passes now into the tables.

The decision is in the landing log before a table changes; who is killed in between releases once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tunelake.domain.rows import Reader
from tunelake.errors import TunelakeError
from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.history import canon, latest
from tunelake.lake.history.duckdb_news import new_rows
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.landing.redaction import erased
from tunelake.lake.landing.segments import Stored
from tunelake.lake.quarantine.entries import RELEASES, Entry, How, accepted, decision_pages
from tunelake.lake.quarantine.mend import MendingReader
from tunelake.lake.rows.batch import QUARANTINE, RAW_PAGES, Batch
from tunelake.lake.tables.delta_tables import DeltaTables

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

GONE = "its answer is no longer kept"


class ReleaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a release did.

    Attributes:
        released: What left quarantine, and how.
        staying: What stays, with what is wrong now.
        tables: Tables that were changed.
    """

    released: tuple[tuple[Entry, How], ...]
    staying: tuple[tuple[Entry, str], ...]
    tables: tuple[str, ...]


def entries(connection: duckdb.DuckDBPyConnection, tables: DeltaTables) -> list[Entry]:
    """List what is in quarantine, the newest first."""
    query = latest.current(
        load()[QUARANTINE], f"({latest.log(load()[QUARANTINE], tables.files(QUARANTINE))})"
    )
    fields = latest.names(list(Entry.__struct_fields__))
    ordered = f'SELECT {fields} FROM ({query}) AS open ORDER BY observed_at DESC, page_id, "where"'  # noqa: S608
    return [Entry(**row) for row in _rows(connection, ordered)]


def decisions(connection: duckdb.DuckDBPyConnection, tables: DeltaTables) -> dict[str, set[str]]:
    """Tell which places of which answers people took as they are."""
    files = tables.files(RELEASES)
    if not files:
        return {}
    contract = load()[RELEASES]
    return accepted(_rows(connection, latest.current(contract, f"({latest.log(contract, files)})")))


def release(
    connection: duckdb.DuckDBPyConnection,
    tables: DeltaTables,
    landing: LandingFiles,
    reader: Reader,
    wanted: Collection[Entry],
    *,
    expire: Mapping[str, timedelta],
    accept: bool,
    who: str,
    why: str | None,
    now: datetime,
) -> ReleaseReport:
    """Release entries; the caller holds the lander's lock, has landed everything, and lands afterwards.

    Args:
        connection: DuckDB in memory.
        tables: The tables.
        landing: The landing log.
        reader: Turns pages into rows, as it does today.
        wanted: The entries.
        expire: How long rows may be kept, by rights tag.
        accept: Take rows that still break their contract: what does not fit is converted, or null.
        who: Who decides.
        why: In their words.
        now: The present.

    Raises:
        Fatal: A table cannot be written; each table is as it was, or has its rows.
    """
    taken = decisions(connection, tables)
    if accept:
        for entry in wanted:
            if entry.row is not None:
                taken.setdefault(entry.page_id, set()).add(entry.where)
    kept = _kept(connection, tables, landing, {entry.page_id for entry in wanted})
    batch = Batch(expire)
    for stored in kept.values():
        batch.add(stored, MendingReader(reader, taken)(stored.page))
    read = {load()[name]: batch.rows(load()[name], after=0) for name in batch.tables()}
    wrong = _complaints(batch)
    released: list[tuple[Entry, How]] = []
    staying: list[tuple[Entry, str]] = []
    for entry in wanted:
        if entry.page_id not in kept:
            staying.append((entry, GONE))
        elif (entry.page_id, entry.where) in wrong:
            staying.append((entry, wrong[entry.page_id, entry.where]))
        else:
            was = accept and entry.where in taken.get(entry.page_id, ())
            released.append((entry, "accepted" if was else "fixed"))
    for page in decision_pages(released, who, why, now):
        landing.append(page)
    pages = set(kept) if released else set()
    changed = [
        contract.table
        for contract, rows in read.items()
        if _put(connection, tables, contract, _logged(connection, contract, rows, batch), pages)
    ]
    _take_out(connection, tables, [entry for entry, _ in released], batch)
    return ReleaseReport(released=tuple(released), staying=tuple(staying), tables=tuple(changed))


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return found


def _kept(
    connection: duckdb.DuckDBPyConnection, tables: DeltaTables, landing: LandingFiles, pages: Iterable[str]
) -> dict[str, Stored]:
    """Read the answers that are still kept, with the rest of their listings: a set is one reading."""
    index = latest.log(load()[RAW_PAGES], tables.files(RAW_PAGES))
    listed = ", ".join(map(latest.literal, sorted(pages))) or "NULL"
    query = f'''
WITH pages AS MATERIALIZED ({index})
SELECT page_id, segment, "offset", length FROM pages
WHERE page_id IN ({listed})
  OR listing_id IN (SELECT listing_id FROM pages WHERE page_id IN ({listed}))
ORDER BY segment, "offset"'''  # noqa: S608  (ids of pages)
    found: dict[str, Stored] = {}
    for row in _rows(connection, query):
        try:
            stored = landing.read(row["segment"], row["offset"], row["length"])
        except TunelakeError:  # the segment has gone, or is damaged: its entries stay, and say so
            continue
        if not erased(stored.body_hash):
            found[row["page_id"]] = stored
    return found


def _complaints(batch: Batch) -> dict[tuple[str, str], str]:
    """Tell what is wrong today, by answer and place."""
    rows = batch.rows(load()[QUARANTINE], after=0)
    if not rows.num_rows:
        return {}
    ids = [stored.page.page_id for stored in batch.pages]
    places = zip(*(rows.column(name).to_pylist() for name in ("_page", "where", "reason")), strict=True)
    return {(ids[page], where): reason for page, where, reason in places}


def _logged(
    connection: duckdb.DuckDBPyConnection, contract: Contract, rows: pa.Table, batch: Batch
) -> pa.Table:
    found = new_rows(connection, contract, rows, batch.system(contract), []).rows
    logged: pa.Table = getattr(found, "rows", found)
    return logged


def _put(
    connection: duckdb.DuckDBPyConnection,
    tables: DeltaTables,
    contract: Contract,
    rows: pa.Table,
    pages: Collection[str],
) -> bool:
    """Put what answers say today in the place of what they said; False when that is the same."""
    if not pages or not rows.num_rows:
        return False
    log = latest.log(contract, tables.files(contract.table))
    listed = ", ".join(map(latest.literal, sorted(pages)))
    connection.register("reread", rows)
    try:
        columns = canon.content(contract)
        fresh = f"SELECT {columns} FROM reread WHERE page_id IN ({listed})"  # noqa: S608  (ids of pages)
        said = f"SELECT {columns} FROM ({log}) AS logged WHERE page_id IN ({listed})"  # noqa: S608
        if not connection.execute(f"{fresh} EXCEPT ALL {said} LIMIT 1").fetchall():
            return False
        whole = (
            f"SELECT * FROM reread WHERE page_id IN ({listed}) UNION ALL BY NAME "  # noqa: S608  (ids of pages)
            f"SELECT * FROM ({log}) AS logged WHERE page_id NOT IN ({listed}) ORDER BY _key"
        )
        tables.rewrite(contract, connection.sql(whole))
    finally:
        connection.unregister("reread")
    return True


def _take_out(
    connection: duckdb.DuckDBPyConnection,
    tables: DeltaTables,
    released: Collection[Entry],
    batch: Batch,
) -> None:
    """Take entries out of quarantine; that they were there stands in `quarantine_releases`.

    What is wrong today at a place where nothing was wrong before gets an entry: its row is in no table now.
    """
    if not released:
        return
    contract = load()[QUARANTINE]
    log = latest.log(contract, tables.files(QUARANTINE))
    gone = ", ".join(
        f"({latest.literal(entry.page_id)}, {latest.literal(entry.where)})" for entry in released
    )
    rest = f'SELECT * FROM ({log}) AS logged WHERE (page_id, "where") NOT IN ({gone})'  # noqa: S608
    wrong = batch.rows(contract, after=0)
    if not wrong.num_rows:
        tables.rewrite(contract, connection.sql(f"{rest} ORDER BY _key"))
        return
    connection.register("wrong", _logged(connection, contract, wrong, batch))
    try:
        new = f'SELECT * FROM wrong ANTI JOIN ({log}) AS logged USING (page_id, "where")'  # noqa: S608
        tables.rewrite(contract, connection.sql(f"{rest} UNION ALL BY NAME {new} ORDER BY _key"))
    finally:
        connection.unregister("wrong")
