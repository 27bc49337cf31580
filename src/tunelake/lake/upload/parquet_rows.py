"""Rows of a Parquet file, batch by batch."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.upload.flat import flatten
from tunelake.lake.upload.gzip_file import open_bytes
from tunelake.lake.upload.typed import Problem

Row = tuple[dict[str, Any], Problem | None]
_BATCH = 1000


class ParquetRows:
    """One Parquet file; read again at each `rows`. Its columns are all names that occur in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.columns = list(dict.fromkeys(name for values, _ in self.rows() for name in values))

    def rows(self) -> Iterator[Row]:
        """Read each row, its values as JSON has them (dates as text).

        Raises:
            ConfigError: The file is not Parquet, or is damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        with self._seekable() as file:
            try:
                for batch in pq.ParquetFile(file).iter_batches(batch_size=_BATCH):
                    for row in _in_microseconds(batch):
                        yield flatten(msgspec.json.decode(msgspec.json.encode(row))), None
            except pa.ArrowException as error:
                raise ConfigError(
                    f"{self._path} is a damaged Parquet file ({error}); nothing was taken"
                ) from error

    def _seekable(self) -> IO[bytes]:
        file = open_bytes(self._path)
        if isinstance(file.raw, io.FileIO):
            return file
        with file, tempfile.TemporaryFile() as unpacked:
            shutil.copyfileobj(file, unpacked)
            unpacked.seek(0)
            return os.fdopen(os.dup(unpacked.fileno()), "rb")


def _in_microseconds(batch: object) -> list[dict[str, Any]]:
    """Python's times hold no nanoseconds."""
    import pyarrow as pa

    table = pa.Table.from_batches([batch])
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz)) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    rows: list[dict[str, Any]] = table.cast(pa.schema(fields), safe=False).to_pylist()
    return rows
