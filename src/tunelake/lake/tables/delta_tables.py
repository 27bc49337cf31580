"""Append-only Delta tables of a home by delta-rs, and the marts, which are replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError, DeltaError

from tunelake.errors import ConfigError, Fatal, Retryable, TunelakeError
from tunelake.lake.contracts.contract import Contract
from tunelake.lake.contracts.schema import log_schema, outgrown
from tunelake.lake.places.delta_handle import told
from tunelake.lake.places.place import Place
from tunelake.lake.rows.batch import RAW_PAGES

if TYPE_CHECKING:
    import duckdb

_LANDING = "tunelake.landing"
_REACHED = "tunelake.reached."
# Min and max of names and ids would keep them after their rows are erased: only these have statistics.
_WITH_STATISTICS = ("_key", "observed_at")
# Values that repeat from row to row; a dictionary of ids costs more than it saves.
_REPEATING = ("source", "observed_at", "expires_at", "rights", "page_id")
_CONFIGURATION = {
    "delta.checkpointInterval": "20",
    "delta.dataSkippingStatsColumns": ",".join(_WITH_STATISTICS),
}


class DeltaTables:
    """The Delta tables at one place; handles are kept, for opening one reads its log."""

    def __init__(self, root: Place) -> None:
        """Open the tables at a place of the home."""
        self._root = root
        self._held: dict[str, DeltaTable] = {}
        self._pinned: dict[str, DeltaTable | None] | None = None

    def pin(self, names: Iterable[str]) -> None:
        """Look at tables once, all at the same time; from then on, here, they stay as they are now.

        Raises as the other functions when a table cannot be read.
        """
        looked_at = list(names)
        self._pinned = None
        if self._root.options:  # each look is a conversation with a server
            self._held.update(found := self._root.look(looked_at))
            self._pinned = {name: found.get(name) for name in looked_at}
        else:
            self._pinned = {name: self._open(name) for name in looked_at}

    def names(self) -> list[str]:
        """List the tables that exist."""
        return self._root.tables()

    def files(self, name: str) -> list[str]:
        """List the Parquet files that are the table now, as this machine reads them; maybe none."""
        table = self._open(name)
        return [] if table is None else (self._root / name).local(table.file_uris())

    def schema(self, name: str) -> pa.Schema:
        """Return the schema of a table that exists.

        Raises:
            Fatal: There is no such table.
        """
        table = self._open(name)
        if table is None:
            raise Fatal(f"there is no table '{name}' in {self._root.uri}")
        return pa.schema(table.schema().to_arrow())

    def version(self, name: str) -> int:
        """Return the version of a table, -1 when it does not exist."""
        table = self._open(name)
        return -1 if table is None else int(table.version())

    def position(self, name: str) -> int:
        """Return up to which position of the landing log a table holds the rows; 0 at first."""
        table = self._open(name)
        found = None if table is None else table.transaction_version(_LANDING)
        return 0 if found is None else found

    def lacking(self, names: Iterable[str]) -> list[str]:
        """List those of the tables that do not hold what was landed into them, for files of them are gone.

        What the index of pages remembers of a table is never ahead of the table.
        """
        index = self._open(RAW_PAGES)
        if index is None:
            return []
        reached = {name: index.transaction_version(_REACHED + name) or 0 for name in names}
        return [name for name, position in reached.items() if position and self.position(name) < position]

    def check(self, names: Iterable[str]) -> None:
        """See to it that tables hold what was landed into them.

        Raises:
            Fatal: One does not.
        """
        # What is held or pinned here may be older than the index.
        if (gone := self.lacking(names)) and (gone := DeltaTables(self._root).lacking(gone)):
            raise Fatal(
                f"{', '.join(gone)}: rows that were landed are missing, for files in {self._root.uri} are "
                "damaged or gone: `tunelake replay --repair` makes the tables anew"
            )

    def append(self, contract: Contract, rows: pa.Table, position: int, tables: Iterable[str] = ()) -> None:
        """Add rows to a table's log and move its position, in one commit, which makes a new table too.

        Args:
            contract: The table.
            rows: Its rows, sorted by `_key`.
            position: Up to which position of the landing log the table has the rows then.
            tables: Tables whose positions are remembered here; see `lacking`.

        Raises:
            ConfigError: The table has a type of an older contract: `tunelake upgrade` changes it.
            Retryable: Another process moved the position since it was looked up here; nothing was written.
            Fatal: It could not be written, the disk may be full; the table is as it was.
        """
        # As it was looked at: brought up to date, it would not show that another landed the same rows since.
        table = self._held.get(contract.table) or self._open(contract.table)
        schema = log_schema(contract)
        reached = {_REACHED + name: self.position(name) for name in tables}
        try:
            behind = table is not None and self._is_behind(table, contract)
            write_deltalake(
                self._to_write(contract.table, table),
                rows,
                mode="append",
                schema_mode="merge" if behind else None,
                configuration=_CONFIGURATION if table is None else None,
                commit_properties=_positions({_LANDING: position} | reached),
                writer_properties=writing(schema),
                storage_options=dict(self._root.options),
            )
        except CommitFailedError as error:
            self._held.pop(contract.table, None)
            raise Retryable(
                f"another process added to table '{contract.table}' meanwhile; run again"
            ) from error
        except (DeltaError, OSError) as error:
            self._held.pop(contract.table, None)
            raise self._failed(contract.table, error) from error

    def _is_behind(self, table: DeltaTable, contract: Contract) -> bool:
        """Tell whether a table has to get columns."""
        lacking, other = outgrown(pa.schema(table.schema().to_arrow()), contract)
        if other:
            raise ConfigError(
                f"table '{contract.table}' was written by an older version ({', '.join(sorted(other))}): "
                "run `tunelake upgrade`; what was collected waits and is landed then"
            )
        return bool(lacking)

    def rewrite(self, contract: Contract, rows: duckdb.DuckDBPyRelation, position: int | None = None) -> None:
        """Put a table's log in the place of what it was, as one commit.

        Args:
            contract: The table.
            rows: The whole log, sorted by `_key`, with at least the columns of the contract's log.
            position: Its position from now on; None: as it was.

        Raises:
            Fatal: It could not be written; the table is as it was.
        """
        schema = log_schema(contract)
        table = self._open(contract.table)
        batches = rows.select(*schema.names).to_arrow_reader()
        try:
            write_deltalake(
                self._to_write(contract.table, table),
                pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in batches)),
                mode="overwrite",
                schema_mode="overwrite",
                configuration=_CONFIGURATION if table is None else None,
                commit_properties=None if position is None else _positions({_LANDING: position}),
                writer_properties=writing(schema),
                storage_options=dict(self._root.options),
            )
        except (DeltaError, OSError) as error:
            raise self._failed(contract.table, error) from error
        finally:
            self._held.pop(contract.table, None)

    def replace(self, name: str, rows: pa.Table) -> None:
        """Put a whole table in the place of what it was; readers see the one or the other.

        Raises:
            Fatal: It could not be written; the table is as it was.
        """
        try:
            write_deltalake(
                (self._root / name).uri,
                rows,
                mode="overwrite",
                schema_mode="overwrite",
                configuration=_CHECKPOINTS,
                writer_properties=_UNTOLD,
                storage_options=dict(self._root.options),
            )
        except (DeltaError, OSError) as error:
            raise self._failed(name, error) from error
        finally:
            self._held.pop(name, None)

    def without(self, name: str, schema: pa.Schema, rows: pa.RecordBatchReader) -> None:
        """Put the rows that stay of a table in the place of all; what describes the table stays as it is.

        Raises:
            Fatal: It could not be written; the table is as it was.
        """
        table = self._open(name)
        batches = (batch.cast(schema) for batch in rows)
        try:
            write_deltalake(
                self._to_write(name, table),
                pa.RecordBatchReader.from_batches(schema, batches),
                mode="overwrite",
                storage_options=dict(self._root.options),
            )
        except (DeltaError, OSError) as error:
            raise self._failed(name, error) from error
        finally:
            self._held.pop(name, None)

    def _failed(self, name: str, error: Exception) -> TunelakeError:
        remedy = "; the table is as it was. Check the space on the disk and the permissions, then run again"
        return told(self._root.uri, f"cannot write table '{name}'", error, remedy)

    def _to_write(self, name: str, table: DeltaTable | None) -> DeltaTable | str:
        """Give what was looked at as it can be written: of what is far away that was a copy of the log."""
        far = bool(self._root.options)
        if far and table is not None and not table.table_uri.startswith(self._root.uri):
            table = (self._root / name).delta(int(table.version()))
            if table is not None:
                self._held[name] = table
        return table or (self._root / name).uri

    def _open(self, name: str) -> DeltaTable | None:
        if self._pinned is not None and name in self._pinned:
            return self._pinned[name]
        if self._root.options:
            self._held.pop(name, None)
            self._held.update(self._root.look([name]))
            return self._held.get(name)
        table = self._held.get(name)
        try:
            if table is not None:
                table.update_incremental()
                return table
            opened = (self._root / name).delta()
            if opened is not None:
                self._held[name] = opened
        except (DeltaError, OSError) as error:
            what = f"cannot read table '{name}' in {self._root.uri}"
            raise told(self._root.uri, what, error) from error
        return self._held.get(name)


def _positions(by_name: Mapping[str, int]) -> CommitProperties:
    return CommitProperties(app_transactions=[Transaction(*each) for each in by_name.items()])


_CHECKPOINTS = {"delta.checkpointInterval": "20"}
# The log keeps least and greatest values: those of names would outlive what has expired or was erased.
_UNTOLD = WriterProperties(
    compression="SNAPPY", default_column_properties=ColumnProperties(statistics_enabled="NONE")
)


def writing(schema: pa.Schema) -> WriterProperties:
    """Return how files of a table's log are written: names and ids without statistics."""
    plain = ColumnProperties(dictionary_enabled=False, statistics_enabled="NONE")
    special = {
        name: ColumnProperties(statistics_enabled="NONE") for name in schema.names if _repeats(schema, name)
    }
    special |= {name: ColumnProperties(statistics_enabled="CHUNK") for name in _WITH_STATISTICS}
    return WriterProperties(
        compression="ZSTD", compression_level=1, default_column_properties=plain, column_properties=special
    )


def _repeats(schema: pa.Schema, name: str) -> bool:
    return name in _REPEATING or not pa.types.is_string(schema.field(name).type)
