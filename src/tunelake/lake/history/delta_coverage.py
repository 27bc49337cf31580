"""Scan coverage as a Delta table of its own; see `coverage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pyarrow as pa
from deltalake import ColumnProperties, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from tunelake.errors import Fatal
from tunelake.lake.history import coverage
from tunelake.lake.history.coverage import Scan
from tunelake.lake.home import Home

if TYPE_CHECKING:
    import duckdb

PART = "coverage"
_WRITING = WriterProperties(
    compression="ZSTD",
    compression_level=3,
    default_column_properties=ColumnProperties(dictionary_enabled=False, statistics_enabled="NONE"),
)
_CONFIGURATION = {"delta.checkpointInterval": "20", "delta.dataSkippingNumIndexedCols": "0"}


class DeltaCoverage:
    """The coverage of a home, which whoever lands adds to."""

    def __init__(self, home: Home) -> None:
        """Look at a home; nothing is read yet."""
        self._place = home.at(PART)
        self._round: dict[str, list[Scan]] = {}

    def note(self, table: str, scans: list[Scan]) -> None:
        """Remember what a round saw again, until `commit`."""
        if scans:
            self._round[table] = scans

    def commit(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write what was noted as one commit; done again, it changes nothing that is read of it.

        Raises:
            Fatal: It could not be written; it is as it was.
        """
        if not self._round:
            return
        rows = coverage.rows(self._round, self._known(connection))
        self._round = {}
        self._write(rows, "append")

    def files(self) -> list[str]:
        """List the files of the coverage as it is now."""
        table = self._place.delta()
        return [] if table is None else self._place.local(table.file_uris())

    def replace(self, rows: pa.Table) -> None:
        """Put other rows in the place of all.

        Raises:
            Fatal: It could not be written; it is as it was.
        """
        self._write(rows, "overwrite")

    def _known(self, connection: duckdb.DuckDBPyConnection) -> list[int]:
        wanted = {scan.number for scans in self._round.values() for scan in scans}
        numbers = f"SELECT unnest(new_sets) AS number FROM ({coverage.log(self.files())})"  # noqa: S608  (ours)
        query = f"SELECT number FROM ({numbers}) WHERE number IN (SELECT unnest($wanted))"  # noqa: S608  (ours)
        return [number for (number,) in connection.execute(query, {"wanted": sorted(wanted)}).fetchall()]

    def _write(self, rows: pa.Table, mode: Literal["append", "overwrite"]) -> None:
        table = self._place.delta()
        try:
            write_deltalake(
                table or self._place.uri,
                rows,
                mode=mode,
                configuration=_CONFIGURATION if table is None else None,
                writer_properties=_WRITING,
                storage_options=dict(self._place.options),
            )
        except (DeltaError, OSError) as error:
            raise Fatal(f"cannot write {self._place.uri}: {error}; check the space on the disk") from error
