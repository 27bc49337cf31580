"""The current state of tables in memory, kept in step with their logs: reads cost what a plain table costs.

Never the truth: each table remembers the log it stands for, and is made anew when that was rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.history import latest, renewal, snapshot
from tunelake.lake.history.snapshot_delta import base_of, pending_of, write
from tunelake.lake.home import Home
from tunelake.lake.locks.leases import leased
from tunelake.lake.places.delta_added import added
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.lake.tables.duckdb_tables import open_memory

if TYPE_CHECKING:
    import duckdb


class _Stand(msgspec.Struct, frozen=True):
    """The log that a cached table stands for."""

    version: int
    files: frozenset[str]


class DuckdbCache:
    """Tables of one home in memory; for one thread.

    Attributes:
        connection: Where each table that was asked for has a view of its name.
    """

    def __init__(self, home: Home) -> None:
        """Open an empty cache; a table is read when it is first asked for."""
        self.connection: duckdb.DuckDBPyConnection = open_memory(home)
        # There is nothing to write to a disk: a checkpoint would cost more than many batches do.
        self.connection.execute("SET checkpoint_threshold = '1TB'")
        self._home = home
        self._tables = DeltaTables(home.tables)
        self._stands: dict[str, _Stand] = {}
        self._dead: dict[str, int] = {}

    def version(self, table: str) -> int:
        """Return the version of the log that a table stands for, -1 before the first."""
        stand = self._stands.get(table)
        return -1 if stand is None else stand.version

    def refresh(self, table: str) -> None:
        """Bring a table up to date, at the cost of what was added to its log.

        Raises:
            Fatal: The log cannot be read.
        """
        known = self._stands.get(table)
        if known is None or known.version != self._tables.version(table):
            with leased(self._home):
                self._read(table)

    def _read(self, table: str) -> None:
        contract, known = load()[table], self._stands.get(table)
        # Should the files be of a later version, a later refresh takes some of them again, which is harmless.
        version = self._tables.version(table)
        files = self._tables.files(table)
        stand = _Stand(version, frozenset(files))
        fresh = None if known is None else self._fresh(table, known, stand)
        if fresh is None or not self._renewed(contract, files, fresh):
            self._make(contract, files, version)
        self._stands[table] = stand

    def _fresh(self, table: str, known: _Stand, stand: _Stand) -> list[str] | None:
        """List the files that were added; None when rows were taken away."""
        if known.files <= stand.files:
            return sorted(stand.files - known.files)
        place = self._home.tables / table
        files = added(place, known.version, stand.version)
        return None if files is None else place.local(files)

    def keep(self, table: str) -> None:
        """Write a table, as it is in memory, as the base that later caches begin with.

        Raises:
            Fatal: It could not be written.
        """
        contract = load()[table]
        write(self._home, contract, self.connection, _kept(contract), self.version(table))

    def forget(self, table: str) -> None:
        """Let go of a table."""
        self._stands.pop(table, None)
        self.connection.execute(f"DROP VIEW IF EXISTS {latest.name(table)}")
        self.connection.execute(f"DROP TABLE IF EXISTS {_kept(load()[table])}")

    def close(self) -> None:
        """Let go of everything."""
        self.connection.close()

    def _make(self, contract: Contract, files: list[str], version: int) -> None:
        kept = _kept(contract)
        self._dead[contract.table] = 0
        if not self._made_of_base(contract, files, version):
            state = latest.state(contract, f"({latest.log(contract, files)})")
            self.connection.execute(f"CREATE OR REPLACE TABLE {kept} AS FROM ({state}) ORDER BY {latest.KEY}")
        view = latest.visible(contract, kept)
        self.connection.execute(f"CREATE OR REPLACE VIEW {latest.name(contract.table)} AS {view}")

    def _made_of_base(self, contract: Contract, files: list[str], version: int) -> bool:
        """Start with the kept base and what was added since; False when there is none, or of another log."""
        import duckdb

        base = base_of(self._home, contract)
        pending = None if base is None else pending_of(self._home, contract, base, version)
        if base is None or pending is None:
            return False
        read = snapshot.read(contract, base)
        try:
            self.connection.execute(f"CREATE OR REPLACE TABLE {_kept(contract)} AS {read}")
        except duckdb.IOException:
            return False
        return self._renewed(contract, files, pending)

    def _renewed(self, contract: Contract, files: list[str], fresh: list[str]) -> bool:
        """Take in what was added; False when a file of it is gone, which may happen once it was compacted."""
        import duckdb

        try:
            if fresh:
                with self._alone():
                    self._renew(contract, files, fresh)
        except duckdb.IOException:
            return False
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Work in one thread: for so little, several cost more than they do."""
        run = self.connection.execute
        ((threads,),) = run("SELECT current_setting('threads')").fetchall()
        run("SET threads = 1")
        try:
            yield
        finally:
            run(f"SET threads = {threads}")

    def _renew(self, contract: Contract, files: list[str], fresh: list[str]) -> None:
        kept = _kept(contract)
        run = self.connection.execute
        self._temporary(renewal.ADDED, latest.log(contract, fresh))
        self._temporary(renewal.MET, renewal.met(kept))
        ((dead,),) = run(f"SELECT count(*) FROM {renewal.MET}").fetchall()  # noqa: S608  (our own name)
        self._temporary(renewal.MIXED, renewal.mixed(contract))
        ((mixed, late),) = run(f"SELECT count(*), count(*) FILTER (_is_late) FROM {renewal.MIXED}").fetchall()  # noqa: S608  (our own name)
        if mixed:
            self._temporary(renewal.OLD, renewal.old(kept))
            self._temporary(renewal.MENDED, renewal.mended(contract, files if late else []))
        run("BEGIN")
        try:
            run(f"DELETE FROM {kept} WHERE rowid IN (SELECT _at FROM {renewal.MET})")  # noqa: S608  (quoted names)
            run(f"INSERT INTO {kept} BY NAME {renewal.plain(contract)}")
            if mixed:
                run(f"INSERT INTO {kept} BY NAME FROM {renewal.MENDED}")
        except BaseException:
            run("ROLLBACK")
            raise
        run("COMMIT")
        self._dead[contract.table] = self._dead.get(contract.table, 0) + dead
        self._tighten(contract)

    def _tighten(self, contract: Contract) -> None:
        """Write a table anew when it has room for more rows that are gone than it has."""
        kept = _kept(contract)
        ((live,),) = self.connection.execute(f"SELECT count(*) FROM {kept}").fetchall()  # noqa: S608  (quoted)
        if self._dead[contract.table] > live:
            self.connection.execute(f"CREATE OR REPLACE TABLE {kept} AS FROM {kept} ORDER BY {latest.KEY}")
            self._dead[contract.table] = 0

    def _temporary(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")


def _kept(contract: Contract) -> str:
    return latest.name(f"_kept_{contract.table}")
