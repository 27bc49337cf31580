"""What a lake holds, as figures by which two copies of it are compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from tunelake.errors import Fatal
from tunelake.lake.history.delta_coverage import PART as COVERAGE
from tunelake.lake.history.latest import literal
from tunelake.lake.history.snapshot_delta import PART as BASES
from tunelake.lake.home import Home
from tunelake.lake.landing.sealed import SealedLog
from tunelake.lake.places.place import Place
from tunelake.lake.tables.duckdb_tables import open_memory

if TYPE_CHECKING:
    import duckdb

PARTS = ("tables", "own", "marts", COVERAGE, BASES)


class Content(msgspec.Struct, frozen=True):
    """What a table holds.

    Attributes:
        version: Of the table.
        rows: Of its log.
        content: Hash of them, whatever their order.
    """

    version: int
    rows: int
    content: str


class Answers(msgspec.Struct, frozen=True):
    """What a landing log holds: how many answers, and a hash of their bodies in their order."""

    pages: int
    content: str


def contents(home: Home, progress: Callable[[int], None]) -> dict[str, Content]:
    """Read every table of a lake; names are like "tables/artists"."""
    found: dict[str, Content] = {}
    with open_memory(home) as memory:
        for name, place in _places(home):
            if (table := place.delta()) is not None:
                found[name] = Content(table.version(), *_hashed(memory, place.local(table.file_uris())))
                progress(len(found))
    return found


def versions(home: Home) -> dict[str, int]:
    """Read the version of every table of a lake."""
    return {name: table.version() for name, place in _places(home) if (table := place.delta()) is not None}


def answers(log: SealedLog, until: int, progress: Callable[[int], None]) -> Answers:
    """Read every answer of a landing log before a position.

    Raises:
        Fatal: The hash that was noted of a body is not its own.
    """
    pages, together = 0, hashlib.sha256()
    for stored in log.pages():
        if stored.position >= until:
            break
        body = hashlib.sha256(stored.page.body).hexdigest()
        together.update(f"{stored.segment} {stored.offset} {stored.page.page_id} {body}\n".encode())
        pages += 1
        if not pages % 100:
            progress(pages)
    progress(pages)
    return Answers(pages, together.hexdigest()[:32])


def unlike(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    """Name what is in one of two and not the same in the other."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _places(home: Home) -> Iterator[tuple[str, Place]]:
    for part in PARTS:
        root = home.at(part)
        yield part, root  # a part may be one table
        yield from ((f"{part}/{name}", root / name) for name in root.tables())


def _hashed(memory: duckdb.DuckDBPyConnection, files: list[str]) -> tuple[int, str]:
    import duckdb as library

    if not files:
        return 0, ""
    listed = ", ".join(map(literal, files))
    rows = f"read_parquet([{listed}], union_by_name = true)"
    query = f"SELECT count(*), bit_xor(hash(t)), sum(hash(t) % 1000003) FROM {rows} AS t"  # noqa: S608  (our own files)
    try:
        count, *parts = memory.execute(query).fetchall()[0]
    except library.Error as error:
        raise Fatal(f"a table cannot be read: {error}") from error
    return int(count), "-".join(str(part) for part in parts)
