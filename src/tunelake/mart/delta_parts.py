"""Marts as Delta tables in parts: each file holds a range of entities, and a change replaces only its files.

The name of a file says which part it is, and in how many the mart is cut; the rest of the world reads a
plain Delta table.
"""

from __future__ import annotations

import io
import re
import time
import uuid
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import msgspec
from deltalake import CommitProperties, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from tunelake.errors import Fatal, Retryable
from tunelake.lake.places.place import Place
from tunelake.mart.cutting import PART
from tunelake.mart.ports import Cut

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

_FILE = re.compile(r"part-(?P<cuts>\d+)-(?P<number>\d+)-[0-9a-f]{32}\.parquet")
_CONFIGURATION = {"delta.checkpointInterval": "20", "delta.dataSkippingStatsColumns": "entity_id"}


class DeltaParts:
    """The `Parts` at one place."""

    def __init__(self, root: Place) -> None:
        self._root = root
        self._held: dict[str, DeltaTable] = {}

    def parts(self, name: str) -> Cut | None:
        """Tell how a mart is cut; see `Parts`."""
        table = self._open(name)
        if table is None:
            return None
        found: dict[int, list[str]] = {}
        cuts = set()
        for uri in table.file_uris():
            told = _FILE.fullmatch(uri.rpartition("/")[2])
            if told is None:
                return None
            cuts.add(int(told["cuts"]))
            found.setdefault(int(told["number"]), []).append(uri)
        if len(cuts) != 1:
            return None
        place = self._root / name
        return Cut(cuts.pop(), {number: tuple(place.local(files)) for number, files in found.items()})

    def _open(self, name: str) -> DeltaTable | None:
        table = self._held.get(name)
        if table is not None:
            try:
                table.update_incremental()
            except (DeltaError, OSError) as error:
                raise Fatal(f"cannot read mart '{name}' in {self._root.uri}: {error}") from error
            return table
        opened = (self._root / name).delta()
        if opened is not None:
            self._held[name] = opened
        return opened

    def replace(self, name: str, rows: pa.Table, cuts: int) -> None:
        """Put a whole mart in the place of what it was; see `Parts`.

        Raises:
            Fatal: It could not be written; the mart is as it was.
        """
        place = self._root / name
        added = [self._write(place, cuts, number, part) for number, part in _runs(rows)]
        schema = rows.schema.remove(rows.schema.get_field_index(PART))
        try:
            create_table_with_add_actions(
                place.uri,
                Schema.from_arrow(schema),
                added,
                mode="overwrite",
                configuration=_CONFIGURATION,
                storage_options=dict(place.options),
            )
        except (DeltaError, OSError) as error:
            raise _failed(name, error) from error
        finally:
            self._held.pop(name, None)

    def change(self, name: str, numbers: Collection[int], rows: pa.Table, version: int) -> None:
        """Put rows in the place of some parts, in one commit; see `Parts`.

        Raises:
            Retryable: Somebody else changed the mart meanwhile; it is as they left it.
            Fatal: It could not be written; the mart is as it was.
        """
        place = self._root / name
        table, touched = self._open(name), set(numbers)
        known = self.parts(name)
        if table is None or known is None or table.version() != version:
            raise _overtaken(name)
        added = [self._write(place, known.cuts, number, part) for number, part in _runs(rows)]
        moment = int(time.time() * 1000)
        gone = [
            RemoveAction(path=path, data_change=True, deletion_timestamp=moment)
            for path in _paths(table)
            if _number(path) in touched
        ]
        try:
            table.create_write_transaction(
                [*added, *gone],
                "append",
                table.schema(),
                commit_properties=CommitProperties(max_commit_retries=0),
            )
        except CommitFailedError as error:
            raise _overtaken(name) from error
        except (DeltaError, OSError) as error:
            raise _failed(name, error) from error

    def _write(self, place: Place, cuts: int, number: int, rows: pa.Table) -> AddAction:
        import pyarrow.parquet as pq

        path = f"part-{cuts}-{number:04}-{uuid.uuid4().hex}.parquet"
        buffer = io.BytesIO()
        # The least and greatest name of a file would outlive an erasure: only the ids, hashes, have them.
        # Without dictionaries a part of this size takes two thirds of the time, and no more bytes.
        pq.write_table(
            rows,
            buffer,
            compression="zstd",
            compression_level=1,
            use_dictionary=False,
            write_statistics=["entity_id"],
        )
        data = buffer.getvalue()
        place.write(path, data)
        stats = msgspec.json.encode({"numRecords": rows.num_rows}).decode()
        return AddAction(path, len(data), {}, int(time.time() * 1000), data_change=True, stats=stats)


def _runs(rows: pa.Table) -> Iterable[tuple[int, pa.Table]]:
    """Cut rows, sorted by their part, into the parts."""
    import pyarrow.compute as pc

    if not rows.num_rows:
        return
    runs = pc.run_end_encode(rows.column(PART).combine_chunks())
    plain = rows.drop_columns([PART])
    start = 0
    for number, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield number, plain.slice(start, end - start)
        start = end


def _paths(table: DeltaTable) -> list[str]:
    # A mart has no folders; asking for the actions themselves would import pandas, where it is installed.
    return [uri.rpartition("/")[2] for uri in table.file_uris()]


def _number(path: str) -> int:
    told = _FILE.fullmatch(path)
    return -1 if told is None else int(told["number"])


def _overtaken(name: str) -> Retryable:
    return Retryable(f"another process changed mart '{name}' meanwhile; run again")


def _failed(name: str, error: Exception) -> Fatal:
    return Fatal(
        f"cannot write mart '{name}': {error}; it is as it was. "
        "Check the space on the disk and the permissions, then run again"
    )
