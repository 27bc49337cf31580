"""Own tables as Delta tables; the metadata say where one comes from and how it grows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import pyarrow as pa
from deltalake import write_deltalake
from deltalake.exceptions import DeltaError

from tunelake.errors import Fatal, TunelakeError
from tunelake.lake.places.delta_handle import told
from tunelake.lake.places.place import Place
from tunelake.lake.tables.own import Note


def notes(root: Place) -> dict[str, Note]:
    """Find the own tables at a place, and what is known of each.

    Raises:
        Fatal: A table cannot be read.
    """
    found: dict[str, Note] = {}
    try:
        for name, table in root.look().items():
            found[name] = msgspec.json.decode(table.metadata().description or "{}", type=Note)
    except (DeltaError, OSError, msgspec.DecodeError) as error:
        raise Fatal(f"cannot read the tables in {root.uri}: {error}") from error
    return found


def write(root: Place, name: str, note: Note, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Add rows to a table that grows, or put them in the place of one that is replaced; one commit.

    Raises:
        Fatal: It could not be written; the table is as it was.
    """
    kept: list[TunelakeError] = []
    grows = note.by is not None and (root / name).delta() is not None
    try:
        write_deltalake(
            (root / name).uri,
            pa.RecordBatchReader.from_batches(schema, _keeping(batches, kept)),
            storage_options=dict((root / name).options),
            mode="append" if grows else "overwrite",
            schema_mode="merge" if grows else "overwrite",
            description=msgspec.json.encode(note).decode(),
        )
    except (DeltaError, OSError) as error:
        if kept:
            raise kept[0] from error
        raise told(root.uri, f"cannot write table '{name}'", error, "; it is as it was") from error


def _keeping(batches: Iterable[pa.RecordBatch], kept: list[TunelakeError]) -> Iterator[pa.RecordBatch]:
    """Keep the error that ends the rows: the writer would tell it in words of its own."""
    try:
        yield from batches
    except TunelakeError as error:
        kept.append(error)
        raise
