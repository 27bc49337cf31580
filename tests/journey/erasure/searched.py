"""A search through a home that shares nothing with the product's own: every file, decoded by its kind."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def found(root: Path, *texts: str) -> list[str]:
    """Name the files below a folder that tell any of these texts."""
    told = []
    for path in sorted(one for one in root.rglob("*") if one.is_file()):
        content = b"\n".join(_contents(path))
        told += [f"{path.relative_to(root)}: {text}" for text in texts if text.encode() in content]
    return told


def _contents(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    yield raw
    if path.suffix == ".parquet":
        yield repr(pq.read_table(path).to_pylist()).encode()
    elif path.suffix == ".zst" and raw:
        yield zstd.decompress(raw)
    elif raw.startswith(b"SQLite format 3"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            for (name,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
                yield repr(database.execute(f'select * from "{name}"').fetchall()).encode()  # noqa: S608
