"""Reads the rows of a table from `<table>.parquet`, `<table>.csv` or `<table>.csv.gz`."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from tunelake.errors import ConfigError
from tunelake.sandbox.files.fields import Record, Value, check_columns, read_row

_ENDINGS = ("parquet", "csv", "csv.gz")


def file_of(directory: Path, table: str) -> Path | None:
    """The file of a table, or None when the folder has none.

    Raises:
        ConfigError: When there are several.
    """
    found = [path for ending in _ENDINGS if (path := directory / f"{table}.{ending}").is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise ConfigError(f"{directory} has both {names}: keep one of them")
    return found[0] if found else None


def rows_of(directory: Path, table: str) -> Iterator[tuple[int, Record]]:
    """The rows of a table with their numbers from 1; none when there is no file.

    Raises:
        ConfigError: When the file cannot be read as what it is named.
    """
    path = file_of(directory, table)
    if path is None:
        return
    rows = _parquet_rows(path, table) if path.suffix == ".parquet" else _csv_rows(path, table)
    for number, cells in enumerate(rows, start=1):
        yield number, read_row(table, path.name, number, cells)


def _parquet_rows(path: Path, table: str) -> Iterator[dict[str, Value]]:
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path) as file:
            check_columns(table, path.name, list(file.schema_arrow.names))
            for batch in file.iter_batches(batch_size=8_192):
                yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        raise ConfigError(f"{path.name} cannot be read as Parquet ({error}); write it anew") from error


def _csv_rows(path: Path, table: str) -> Iterator[dict[str, Value]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            columns = next(reader, [])
            check_columns(table, path.name, columns)
            for number, cells in enumerate(reader, start=1):
                if len(cells) != len(columns):
                    raise ConfigError(
                        f"{path.name}, row {number}: {len(cells)} cells under {len(columns)} columns; "
                        "put quotes around cells that hold commas"
                    )
                yield dict(zip(columns, cells, strict=True))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name} is not UTF-8 ({error.reason}); save it as UTF-8") from error
    except (csv.Error, OSError, EOFError) as error:
        raise ConfigError(f"{path.name} cannot be read as CSV ({error})") from error
