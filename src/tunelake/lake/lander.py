"""Lands pages: landing log -> typed rows -> one commit a table; each page once, whatever happens between.

A table's commit holds the position of the landing log up to which the table has its rows. `raw_pages`
gets a row of every page and is committed last, so its position is where the next landing starts; a table
that is ahead of it (the process died between two commits) leaves out the pages it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tunelake.domain.rows import Readers, Rejected, Rows
from tunelake.errors import Fatal
from tunelake.lake.contract import Contract, load
from tunelake.lake.delta_tables import DeltaTables
from tunelake.lake.duckdb_news import new_rows
from tunelake.lake.landing_files import LandingFiles
from tunelake.lake.segments import Stored
from tunelake.lake.typed import ABSENT, PAGE, ROW, Gather, Misfit

if TYPE_CHECKING:
    import duckdb

RAW_PAGES = "raw_pages"
QUARANTINE = "quarantine"
_GOOD = range(200, 300)
_ROUND_BYTES = 128 << 20


class LandReport(msgspec.Struct, kw_only=True):
    """What a landing did.

    Attributes:
        pages: Pages read from the landing log.
        rows: Rows added, by table.
        unchanged: Rows that said nothing new, by table.
        rejected: Rows that could not be taken; each is in `quarantine`.
        drift: Fields that were not expected, by object.
        bytes: Length of the pages' bodies.
        seconds: How long it took.
        damages: Parts of the landing log that could not be read.
    """

    pages: int = 0
    rows: dict[str, int] = {}
    unchanged: dict[str, int] = {}
    rejected: int = 0
    drift: dict[str, set[str]] = {}
    bytes: int = 0
    seconds: float = 0.0
    damages: list[str] = []


class Lander:
    """Turns the pages of one landing log into rows of one set of tables."""

    def __init__(
        self,
        landing: LandingFiles,
        tables: DeltaTables,
        readers: Readers,
        connection: duckdb.DuckDBPyConnection,
        *,
        expire: Mapping[str, timedelta] | None = None,
        round_bytes: int = _ROUND_BYTES,
    ) -> None:
        """Prepare a lander.

        Args:
            landing: The landing log.
            tables: The tables' logs.
            readers: Reader of the pages by source.
            connection: DuckDB in memory, for comparing with what is known.
            expire: How long rows may be kept, by rights tag; those of other tags may stay.
            round_bytes: Bytes of bodies that are landed in one round of commits.
        """
        self._landing = landing
        self._tables = tables
        self._readers = readers
        self._connection = connection
        self._expire = dict(expire or {})
        self._round_bytes = round_bytes

    def land(self, progress: Callable[[LandReport], None] | None = None) -> LandReport:
        """Land everything that has been appended so far.

        Args:
            progress: Called with the report so far after each round.

        Raises:
            Retryable: Another process lands the same home at this moment.
            Fatal: A table cannot be written; what was committed counts, the rest is landed next time.
        """
        start = time.monotonic()
        report = LandReport()
        seen = len(self._landing.damages)
        pages = self._landing.pages(self._tables.position(RAW_PAGES))
        for group in _rounds(pages, self._round_bytes):
            self._land_round(group, report)
            report.seconds = time.monotonic() - start
            if progress is not None:
                progress(report)
        report.damages = [str(damage) for damage in self._landing.damages[seen:]]
        return report

    def _land_round(self, pages: list[Stored], report: LandReport) -> None:
        batch = _Batch(pages, self._expire)
        for number, stored in enumerate(pages):
            batch.read(number, self._rows_of(stored))
        for table in batch.tables():
            self._commit(batch, table, report)
        # The quarantine after the tables that fill it, and the pages after all.
        self._commit(batch, QUARANTINE, report)
        batch.index()
        self._commit(batch, RAW_PAGES, report)
        report.pages += len(pages)
        report.rejected += batch.rejected
        report.bytes += sum(len(stored.page.body) for stored in pages)
        for name, fields in batch.drift.items():
            report.drift[name] = report.drift.get(name, set()) | fields

    def _rows_of(self, stored: Stored) -> Rows:
        page = stored.page
        if page.status not in _GOOD:
            return Rows()
        reader = self._readers.get(page.source)
        if reader is None:
            reason = f"nothing here reads pages of source '{page.source}'"
            return Rows(rejected=[Rejected(where="$", reason=reason)])
        return reader(page)

    def _commit(self, batch: _Batch, table: str, report: LandReport) -> None:
        contract = load()[table]
        rows = batch.rows(contract, after=self._tables.position(table))
        if not rows.num_rows:
            return
        # Every page has a name of its own: there is nothing to compare.
        files = [] if table == RAW_PAGES else self._tables.files(table)
        fresh = new_rows(self._connection, contract, rows, files)
        if fresh.num_rows:
            self._tables.append(contract, fresh, batch.end)
            report.rows[table] = report.rows.get(table, 0) + fresh.num_rows
        if fresh.num_rows < rows.num_rows:
            report.unchanged[table] = report.unchanged.get(table, 0) + rows.num_rows - fresh.num_rows


class _Batch:
    """The rows of one round of pages on their way into the tables."""

    def __init__(self, pages: list[Stored], expire: Mapping[str, timedelta]) -> None:
        self.rejected = 0
        self.drift: dict[str, set[str]] = {}
        self.end = pages[-1].end
        self._pages = pages
        self._expire = expire
        self._gathers: dict[str, Gather] = {}
        self._holed: set[str] = set()

    def read(self, number: int, rows: Rows) -> None:
        """Take what a page says."""
        for table, columns in rows.tables.items():
            self._gather(table).add(number, columns)
        for table, owners in rows.empty_sets.items():
            self._gather(table).add_empty(number, owners)
        for name, fields in rows.drift.items():
            self.drift[name] = self.drift.get(name, set()) | fields
        if rows.rejected:
            self._holed.add(_reading(self._pages[number]))
            self._reject(number, rows.rejected)

    def tables(self) -> list[str]:
        """List the tables that have rows, the lake's own left out."""
        return sorted(self._gathers.keys() - {QUARANTINE, RAW_PAGES})

    def index(self) -> None:
        """Make the row of each page in `raw_pages`."""
        gather = self._gather(RAW_PAGES)
        for number, stored in enumerate(self._pages):
            gather.add(number, {name: [value] for name, value in _index_row(stored).items()})

    def rows(self, contract: Contract, after: int) -> pa.Table:
        """Build the typed rows of a table from the pages at or behind a position."""
        gather = self._gathers.get(contract.table)
        if gather is None:
            return pa.table({})
        typed = gather.finish()
        for misfit in typed.misfits:
            self._misfit(contract, misfit)
        rows = typed.rows
        if after > self._pages[0].position:
            had = pa.array([stored.position < after for stored in self._pages])
            rows = rows.filter(pc.invert(had.take(rows.column(PAGE))))
        return self._with_system(contract, rows)

    def _with_system(self, contract: Contract, rows: pa.Table) -> pa.Table:
        pages = [stored.page for stored in self._pages]
        times = pa.timestamp("us", tz="UTC")
        system = {
            "source": pa.array([page.source for page in pages]),
            "observed_at": pa.array([page.observed_at for page in pages], times),
            "expires_at": pa.array([self._expires(page.rights, page.observed_at) for page in pages], times),
            "rights": pa.array([page.rights for page in pages]),
            "page_id": pa.array([page.page_id for page in pages]),
        }
        if contract.is_set:
            system["_whole"] = pa.array([self._is_whole(contract, stored) for stored in self._pages])
        chosen = rows.column(PAGE)
        for name, values in system.items():
            rows = rows.append_column(name, values.take(chosen))
        kept = [ROW, ABSENT] if not contract.is_set else []
        return rows.select([*kept, *system, *contract.names])

    def _is_whole(self, contract: Contract, stored: Stored) -> bool:
        """Tell whether sets are complete with this page; one with a row left out never is."""
        if f"{contract.table} {_reading(stored)}" in self._holed:
            return False
        if not contract.paged:
            return True
        listing = stored.page.listing
        return _reading(stored) not in self._holed and (listing is None or listing.whole)

    def _expires(self, rights: str, observed_at: datetime) -> datetime | None:
        after = self._expire.get(rights)
        return None if after is None else observed_at + after

    def _misfit(self, contract: Contract, misfit: Misfit) -> None:
        self._holed.add(f"{contract.table} {_reading(self._pages[misfit.page])}")
        where = f"{contract.table}[{misfit.row}]"
        self._reject(misfit.page, [Rejected(where=where, reason=misfit.reason)])

    def _reject(self, number: int, rejected: list[Rejected]) -> None:
        self.rejected += len(rejected)
        endpoint = self._pages[number].page.endpoint
        columns = {
            "where": [one.where for one in rejected],
            "endpoint": [endpoint] * len(rejected),
            "reason": [one.reason for one in rejected],
        }
        self._gather(QUARANTINE).add(number, columns)

    def _gather(self, table: str) -> Gather:
        found = self._gathers.get(table)
        if found is None:
            contract = load().get(table)
            if contract is None:
                raise Fatal(f"a reader gave rows of table '{table}', which has no contract")
            found = self._gathers[table] = Gather(contract)
        return found


def _reading(stored: Stored) -> str:
    """Name the reading a page belongs to: its listing, or the page alone."""
    listing = stored.page.listing
    return listing.listing_id if listing else stored.page.page_id


def _index_row(stored: Stored) -> dict[str, object]:
    page, listing = stored.page, stored.page.listing
    return {
        "endpoint": page.endpoint,
        "path": page.path,
        "params": urlencode(page.params),
        "status": page.status,
        "fetched_at": page.fetched_at,
        "body_hash": stored.body_hash,
        "bytes": len(page.body),
        "segment": stored.segment,
        "offset": stored.offset,
        "length": stored.length,
        "listing_id": listing.listing_id if listing else None,
        "listing_offset": listing.offset if listing else None,
        "listing_total": listing.total if listing else None,
        "listing_whole": listing.whole if listing else None,
    }


def _rounds(pages: Iterable[Stored], most_bytes: int) -> Iterator[list[Stored]]:
    group: list[Stored] = []
    size = 0
    for stored in pages:
        group.append(stored)
        size += len(stored.page.body)
        if size >= most_bytes:
            yield group
            group, size = [], 0
    if group:
        yield group
