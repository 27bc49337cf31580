"""Bases of current states as Delta tables, one a table; see `snapshot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import ColumnProperties, CommitProperties, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import Contract, logged
from tunelake.lake.contracts.schema import arrow_type
from tunelake.lake.history import snapshot
from tunelake.lake.history.snapshot import Base
from tunelake.lake.home import Home
from tunelake.lake.places.delta_added import added

if TYPE_CHECKING:
    import duckdb

PART = "snapshots"
_LOG = "tunelake.log"
_WRITING = WriterProperties(
    compression="ZSTD",
    compression_level=1,
    default_column_properties=ColumnProperties(dictionary_enabled=False, statistics_enabled="NONE"),
    column_properties={
        "_key": ColumnProperties(statistics_enabled="CHUNK"),
        **{
            name: ColumnProperties(dictionary_enabled=True, statistics_enabled="NONE")
            for name in ("source", "rights", "observed_at", "expires_at", "page_id")
        },
    },
)


def base_of(home: Home, contract: Contract) -> Base | None:
    """Return the base of a table; None when there is none that has its columns.

    Raises:
        Fatal: It cannot be read.
    """
    place = home.at(PART) / contract.table
    table = home.at(PART).look([contract.table]).get(contract.table)
    version = None if table is None else table.transaction_version(_LOG)
    if table is None or version is None:
        return None
    found = tuple(field.name for field in table.schema().fields)
    if found != (*snapshot.columns(contract), snapshot.SHARD):
        return None
    return Base(
        version=version,
        rows=table.count(),
        # The name of a range is part of the path.
        files=sorted(place.local(table.file_uris())),
        columns=snapshot.columns(contract),
    )


def pending_of(home: Home, contract: Contract, base: Base, version: int) -> list[str] | None:
    """List the files that were added to the log since a base; None when it is of another log."""
    place = home.tables / contract.table
    files = added(place, base.version, version)
    return None if files is None else place.local(files)


def write(
    home: Home, contract: Contract, connection: duckdb.DuckDBPyConnection, kept: str, version: int
) -> None:
    """Put a base in the place of the one before, as one commit.

    Args:
        home: The home.
        contract: The table.
        connection: Where the current state is.
        kept: Its relation.
        version: The version of the log it stands for.

    Raises:
        Fatal: It could not be written; the one before is as it was.
    """
    place = home.at(PART) / contract.table
    schema = _schema(contract)
    batches = connection.sql(snapshot.sharded(contract, kept)).to_arrow_reader()
    try:
        write_deltalake(
            place.delta() or place.uri,
            pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in batches)),
            mode="overwrite",
            schema_mode="overwrite",
            partition_by=[snapshot.SHARD],
            writer_properties=_WRITING,
            commit_properties=CommitProperties(app_transactions=[Transaction(_LOG, version)]),
            storage_options=dict(place.options),
        )
    except (DeltaError, OSError) as error:
        raise Fatal(f"cannot write {place.uri}: {error}; check the space on the disk") from error


def drop(home: Home) -> None:
    """Remove all bases: they are made anew by the next maintenance."""
    home.at(PART).clear()


def _schema(contract: Contract) -> pa.Schema:

    kinds = {column.name: arrow_type(column) for column in logged(contract)}
    fields = [pa.field(name, kinds[name]) for name in snapshot.columns(contract)]
    return pa.schema([*fields, pa.field(snapshot.SHARD, pa.string())])
