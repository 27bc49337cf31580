"""The lake of a home: answers go in, tables come out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tunelake.domain.fields import Drift, Observed
from tunelake.domain.pages import Page
from tunelake.domain.rows import Reader
from tunelake.errors import ConfigError, Fatal, Skippable
from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.history import latest
from tunelake.lake.home import FORMAT, Home, Kind, open_home
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.landing.landings import landing_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from tunelake.lake.lander import Lander, LandReport
    from tunelake.lake.places.s3_place import S3Place
    from tunelake.lake.quarantine.duckdb_release import ReleaseReport
    from tunelake.lake.quarantine.entries import Entry
    from tunelake.lake.repair.run import Mended
    from tunelake.lake.replay import ReplayReport
    from tunelake.lake.tables.checks import Finding
    from tunelake.lake.tables.delta_tables import DeltaTables
    from tunelake.lake.tables.duckdb_cache import DuckdbCache
    from tunelake.lake.upgrade import UpgradeReport


class Lake:
    """One lake.

    Attributes:
        home: Its places.
        landing: Its landing log; satisfies collect's `Landing`.
    """

    def __init__(
        self,
        root: Path,
        *,
        kind: Kind = "data",
        far: S3Place | None = None,
        reader: Reader | None = None,
        expire: Mapping[str, timedelta] | None = None,
        round_bytes: int = 256 << 20,
        judge: Callable[[Observed], list[Drift]] | None = None,
    ) -> None:
        """Open the lake of a home, and make the home when the folder is new or empty.

        Args:
            root: The home's folder.
            kind: "demo" for made-up data.
            far: Where the lake is, when not in the home's folder.
            reader: Turns pages into rows; only `land` needs it.
            expire: How long rows may be kept, by rights tag; those of other tags may stay.
            round_bytes: Bytes of bodies that are landed in one round of commits.
            judge: Told of the fields that landed pages had; says which are not as expected.

        Raises:
            ConfigError: The folder cannot be this home.
        """
        self.home: Home = open_home(root, kind, far)
        self.landing: LandingFiles = landing_of(self.home)
        self._reader = reader
        self._expire = dict(expire or {})
        self._round_bytes = round_bytes
        self._judge = judge
        self._landing_now = threading.Lock()

    @cached_property
    def _tables(self) -> DeltaTables:
        from tunelake.lake.tables.delta_tables import DeltaTables

        return DeltaTables(self.home.tables)

    @cached_property
    def _marts(self) -> DeltaTables:
        from tunelake.lake.tables.delta_tables import DeltaTables

        return DeltaTables(self.home.marts)

    def land(self, progress: Callable[[LandReport], None] | None = None) -> LandReport:
        """Turn the pages that were appended since the last time into rows.

        Raises:
            Retryable: Another process is landing this home.
            Fatal: A table cannot be written, or the lake was opened without a reader; nothing is lost or
                half-written.
        """
        with self._lander() as (lander, _):
            report = lander.land(progress)
            self._tidy(report.rows)
            if self._judge and lander.observed.places:
                report.drift = self._judge(lander.observed)
            return report

    def _tidy(self, tables: Iterable[str]) -> None:
        """Make larger files of many small ones; the cost is spread over the landings that made them."""
        from tunelake.lake.maintenance.decide import MANY
        from tunelake.lake.maintenance.delta_upkeep import tidy

        for table in tables:
            if len(self._tables.files(table)) > MANY:
                tidy(self.home.tables / table, load()[table])

    def replay(
        self,
        only: Collection[str] = (),
        *,
        check: bool = False,
        progress: Callable[[LandReport], None] | None = None,
    ) -> ReplayReport:
        """Rebuild tables from the kept answers, or only compare; what is new is landed first.

        Raises:
            ConfigError: There is no such table.
            Retryable: Another process is landing this home.
            Fatal: As for `land`.
        """
        from tunelake.lake.quarantine.duckdb_release import decisions
        from tunelake.lake.quarantine.mend import MendingReader
        from tunelake.lake.replay import replay

        for table in only:
            _contract(table)
        with self._lander() as (lander, connection):
            lander.land()
            return replay(
                self.home,
                self.landing,
                connection,
                MendingReader(self._known_reader, decisions(connection, self._tables)),
                expire=self._expire,
                round_bytes=self._round_bytes,
                only=only,
                check=check,
                progress=progress,
            )

    def repair(self, progress: Callable[[LandReport], None] | None = None) -> list[Mended]:
        """Make the tables anew that are damaged; see `repair.run.repair`.

        Raises:
            Retryable: Another process is landing this home.
            Fatal: As for `land`.
        """
        from tunelake.lake.repair.duckdb_damage import LOGS
        from tunelake.lake.repair.run import repair

        with self._lander(damaged=True) as (lander, connection):
            mended = repair(
                self.home,
                self.landing,
                connection,
                self._known_reader,
                expire=self._expire,
                round_bytes=self._round_bytes,
                progress=progress,
            )
            if any(one.part == LOGS for one in mended):
                lander.land()
            return mended

    def quarantined(self) -> list[Entry]:
        """List what is in quarantine, the newest first."""
        from tunelake.lake.quarantine.duckdb_release import entries
        from tunelake.lake.tables.duckdb_tables import open_memory

        with open_memory(self.home) as connection:
            return entries(connection, self._tables)

    def release(
        self,
        ids: Collection[str],
        table: str | None = None,
        *,
        accept: bool,
        who: str,
        why: str | None,
        now: datetime,
    ) -> ReleaseReport:
        """Release what passes now, or what a person takes; see `quarantine.duckdb_release.release`.

        Args:
            ids: Of entries; none: all.
            table: Only rows of this table.
            accept: Take what still breaks its contract: converted, or null.
            who: Who decides.
            why: In their words.
            now: The present (aware).

        Raises:
            ConfigError: There is no such entry.
            Retryable: Another process is landing this home.
            Fatal: As for `land`.
        """
        from tunelake.lake.quarantine.duckdb_release import entries, release
        from tunelake.lake.quarantine.entries import chosen

        with self._lander() as (lander, connection):
            lander.land()
            report = release(
                connection,
                self._tables,
                self.landing,
                self._known_reader,
                chosen(entries(connection, self._tables), ids, table),
                expire=self._expire,
                accept=accept,
                who=who,
                why=why,
                now=now,
            )
            lander.land()
            return report

    def upgrade(self, was: int, *, check: bool = False) -> UpgradeReport:
        """Bring tables that an older contract wrote to what the contracts say, or only tell.

        Args:
            was: Format of the home before.
            check: Change nothing.

        Raises:
            Retryable: Another process is landing this home.
            Fatal: A table cannot be written; it is as it was.
        """
        from tunelake.lake.upgrade import UpgradeReport, behind, upgrade_tables

        found = behind(self._tables)
        if found and not check:
            with self._lander() as (_, connection):
                upgrade_tables(connection, self._tables, found)
        return UpgradeReport(was=was, format=FORMAT, tables=tuple(found))

    @contextmanager
    def _lander(self, *, damaged: bool = False) -> Iterator[tuple[Lander, duckdb.DuckDBPyConnection]]:
        """Be the one who lands this home, of which tables may be damaged."""
        from tunelake.lake.history.delta_coverage import DeltaCoverage
        from tunelake.lake.lander import Lander
        from tunelake.lake.locks.exclusive import exclusive
        from tunelake.lake.locks.leases import leased
        from tunelake.lake.rows.batch import RAW_PAGES
        from tunelake.lake.tables.duckdb_tables import open_memory

        reader = self._known_reader
        with (
            self._landing_now,
            exclusive(self.home, "lander"),
            leased(self.home),
            open_memory(self.home) as connection,
        ):
            log = self.landing.sealed()
            # Also what a process that ended too early had landed.
            if not damaged:
                log.forget(self._tables.position(RAW_PAGES))
            yield (
                Lander(
                    log,
                    self._tables,
                    reader,
                    connection,
                    expire=self._expire,
                    round_bytes=self._round_bytes,
                    coverage=DeltaCoverage(self.home),
                ),
                connection,
            )

    @property
    def _known_reader(self) -> Reader:
        from tunelake.lake.quarantine.mend import MendingReader

        if self._reader is None:
            raise Fatal("this lake was opened without a reader of pages: nothing can be landed")
        return MendingReader(self._reader, {})

    def current(self, table: str) -> pa.Table:
        """Return the current state of a table, without private columns, in no particular order."""
        return self._query(table, latest.current)

    def history(self, table: str) -> pa.Table:
        """Return every observation of a table that said something new."""
        return self._query(table, latest.history)

    def connect(self, *, seen: bool = False) -> duckdb.DuckDBPyConnection:
        """Open DuckDB with a view of each table, its history and the marts, as they are now.

        Args:
            seen: Also make `<table>_seen`: when each key was seen first and last.
        """
        from tunelake.lake.tables.duckdb_tables import connect

        return connect(self.home, seen=seen)

    def cache(self) -> DuckdbCache:
        """Open a cache of current tables in memory, for a program that reads them again and again."""
        from tunelake.lake.tables.duckdb_cache import DuckdbCache

        return DuckdbCache(self.home)

    def sql(self, query: str, as_of: datetime | None = None) -> pa.RecordBatchReader:
        """Answer one SELECT of a person, who can read the tables and nothing else.

        Args:
            query: One SELECT.
            as_of: Answer from what had been observed at that time (aware); marts are left out.

        Raises:
            ConfigError: The query cannot be answered; the message says why.
        """
        from tunelake.lake.tables.duckdb_tables import ask

        return ask(self.home, query, as_of)

    def check(self, tables: Collection[str], now: datetime) -> list[Finding]:
        """Test what the contracts of tables promise of their current state.

        Raises:
            ConfigError: There is no such table.
            Fatal: A rule cannot be asked: the installation is damaged.
        """
        from tunelake.lake.tables.checks import checks
        from tunelake.lake.tables.duckdb_checks import find

        with self.connect() as connection:
            return find(connection, [check for table in tables for check in checks(_contract(table), now)])

    def write_mart(self, name: str, rows: pa.Table) -> None:
        """Put a mart in the place of what it was, as a whole.

        Raises:
            ConfigError: A table of the lake has that name.
            Fatal: It could not be written; the mart is as it was.
        """
        if name.removesuffix("_history") in load():
            raise ConfigError(f"a mart cannot be called '{name}': the lake has a table of that name")
        self._marts.replace(name, rows)

    def read_page(self, page_id: str) -> Page:
        """Return an answer as it was received, once it has been landed.

        Raises:
            Skippable: No landed page has this id.
            Fatal: Its record is damaged.
        """
        from tunelake.lake.tables.duckdb_tables import find_page

        place = find_page(self._tables, page_id)
        if place is None:
            raise Skippable(f"no answer has the id '{page_id}'; it may not have been landed yet")
        return self.landing.read(*place).page

    def _query(self, table: str, form: Callable[[Contract, str], str]) -> pa.Table:
        from tunelake.lake.locks.leases import leased
        from tunelake.lake.tables.duckdb_tables import open_memory

        contract = _contract(table)
        with leased(self.home), open_memory(self.home) as connection:
            log = f"({latest.log(contract, self._tables.files(table))})"
            rows: pa.Table = connection.sql(form(contract, log)).to_arrow_table()
        return rows


def _contract(table: str) -> Contract:
    contract = load().get(table)
    if contract is None:
        raise ConfigError(f"there is no table '{table}'; there is {', '.join(load())}")
    return contract
