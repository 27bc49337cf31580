"""Lands pages: landing log -> typed rows -> one commit a table; each page once, whatever happens between.

A table's commit holds the position of the landing log up to which the table has its rows. `raw_pages`
gets a row of every page and is committed last, so its position is where the next landing starts; a table
that is ahead of it (the process died between two commits) leaves out the pages it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tunelake.domain.fields import Drift, Observed
from tunelake.domain.rows import Reader, Rows
from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import load
from tunelake.lake.history.coverage import scans
from tunelake.lake.history.delta_coverage import DeltaCoverage
from tunelake.lake.history.duckdb_news import new_rows, pages_since
from tunelake.lake.landing.sealed import SealedLog
from tunelake.lake.landing.segments import Stored
from tunelake.lake.rows.batch import QUARANTINE, RAW_PAGES, Batch
from tunelake.lake.subjects.pages import ERASED
from tunelake.lake.subjects.suppressed import DROPPED
from tunelake.lake.tables.delta_tables import DeltaTables

if TYPE_CHECKING:
    import duckdb

_GOOD = range(200, 300)
ROUND_ROWS = 200_000
"""Rows that are landed in one round of commits: short bodies that hold many rows take no more memory."""


class LandReport(msgspec.Struct, kw_only=True):
    """What a landing did.

    Attributes:
        pages: Pages read from the landing log.
        rows: Rows added, by table.
        unchanged: Rows that said nothing new, by table.
        rejected: Rows that could not be taken; each is in `quarantine`.
        dropped: Pages that came without what was erased and may not come back; of a person's files, rows.
        drift: Fields that are not as expected; told by who knows what is expected.
        bytes: Length of the pages' bodies.
        seconds: How long it took.
        damages: Parts of the landing log that could not be read.
    """

    pages: int = 0
    rows: dict[str, int] = {}
    unchanged: dict[str, int] = {}
    rejected: int = 0
    dropped: int = 0
    drift: list[Drift] = []
    bytes: int = 0
    seconds: float = 0.0
    damages: list[str] = []


class Lander:
    """Turns the pages of one landing log into rows of one set of tables.

    Attributes:
        observed: Which fields the pages had.
    """

    def __init__(
        self,
        landing: SealedLog,
        tables: DeltaTables,
        reader: Reader,
        connection: duckdb.DuckDBPyConnection,
        *,
        expire: Mapping[str, timedelta],
        round_bytes: int,
        coverage: DeltaCoverage | None = None,
    ) -> None:
        """Prepare a lander.

        Args:
            landing: The landing log.
            tables: The tables' logs.
            reader: Turns pages into rows.
            connection: DuckDB in memory, for comparing with what is known.
            expire: How long rows may be kept, by rights tag; those of other tags may stay.
            round_bytes: Bytes of bodies that are landed in one round of commits.
            coverage: Is told what was seen again and said nothing new.
        """
        self.observed = Observed()
        self._landing = landing
        self._tables = tables
        self._reader = reader
        self._connection = connection
        self._expire = expire
        self._round_bytes = round_bytes
        self._coverage = coverage

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
        while len(batch := self._read_round(pages)):
            self._commit_round(batch, report)
            self._landing.forget(batch.end)
            report.seconds = time.monotonic() - start
            if progress is not None:
                progress(report)
        report.damages += [str(damage) for damage in self._landing.damages[seen:]]
        return report

    def _read_round(self, pages: Iterator[Stored]) -> Batch:
        """Read the next pages one by one: no body is kept once its rows are."""
        batch = Batch(self._expire)
        for stored in pages:
            batch.dropped += int(stored.page.headers.get(DROPPED, 0))
            rows = self._rows_of(stored)
            if self.observed.wants(stored.page.endpoint):
                self.observed.take(stored.page.endpoint, rows.look(), stored.page.observed_at)
            batch.add(stored, rows)
            if batch.bytes >= self._round_bytes or batch.gathered >= ROUND_ROWS:
                break
        return batch

    def _commit_round(self, batch: Batch, report: LandReport) -> None:
        for stored in self._overtaken(batch.since, report):
            batch.add_again(stored, self._rows_of(stored))
        self._tables.check(batch.tables())
        for table in batch.tables():
            self._commit(batch, table, report)
        if self._coverage:
            self._coverage.commit(self._connection)
        # The quarantine after the tables that fill it, and the pages after all.
        self._commit(batch, QUARANTINE, report)
        batch.index()
        self._commit(batch, RAW_PAGES, report)
        report.pages += len(batch)
        report.rejected += batch.rejected
        report.dropped += batch.dropped
        report.bytes += batch.bytes

    def _overtaken(self, since: datetime, report: LandReport) -> list[Stored]:
        """Read the pages again that were landed earlier though they tell of a later time.

        What they confirmed was dropped as unchanged; beside what a round tells it may be news.
        """
        files = self._tables.files(RAW_PAGES)
        found: list[Stored] = []
        for place in pages_since(self._connection, load()[RAW_PAGES], files, since):
            try:
                found.append(self._landing.read(*place))
            except Fatal as error:
                report.damages.append(str(error))
        return found

    def _rows_of(self, stored: Stored) -> Rows:
        page = stored.page
        if page.status not in _GOOD or (page.status == ERASED and not page.body):
            return Rows()
        return self._reader(page)

    def _commit(self, batch: Batch, table: str, report: LandReport) -> None:
        contract = load()[table]
        rows = batch.rows(contract, after=self._tables.position(table))
        if not rows.num_rows:
            return
        # Every page has a name of its own: there is nothing to compare.
        files = [] if table == RAW_PAGES else self._tables.files(table)
        system = batch.system(contract)
        told = new_rows(self._connection, contract, rows, system, files)
        fresh = told.rows
        if fresh.num_rows:
            filled = batch.tables() if table == RAW_PAGES else ()
            self._tables.append(contract, fresh, batch.end, filled)
            report.rows[table] = report.rows.get(table, 0) + fresh.num_rows
        if fresh.num_rows < rows.num_rows:
            report.unchanged[table] = report.unchanged.get(table, 0) + rows.num_rows - fresh.num_rows
        if self._coverage and told.confirmed.num_rows:
            self._coverage.note(table, scans(table, told.confirmed, system, len(batch)))
