"""Every file of a home, decoded: Parquet by column, segments by record, databases by row; and as bytes."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tunelake.domain.pages import Page
from tunelake.errors import Fatal, Skippable
from tunelake.govern.purge import sqlite_rows
from tunelake.govern.purge.residue import Residue, Search, joined
from tunelake.lake.home import Home
from tunelake.lake.landing.landings import landing_of
from tunelake.lake.places.place import Place
from tunelake.lake.subjects.subject import kind_of
from tunelake.publish.ports import CatalogueStore, DocumentStore, NameIndex

_PIECE = 32 << 20
_OVERLAP = 256  # bytes; longer than any id
_ROWS = 200_000


def search_home(home: Home, search: Search, skip: Path) -> Residue:
    """Search every file below a home, but one.

    Args:
        home: The home.
        search: What is looked for.
        skip: The file that tells what is looked for.

    Raises:
        Fatal: A file cannot be read.
    """
    found = Residue()
    for path in sorted(home.root.rglob("*")):
        if path == skip or not path.is_file() or path.is_symlink():
            continue
        place = path.relative_to(home.root).as_posix()
        found.files += 1
        try:
            _bytes(path, place, found, search)
            if path.suffix == ".parquet":
                _parquet(path, place, found, search)
            elif _starts(path, sqlite_rows.MAGIC):
                for text in joined(sqlite_rows.contents(path)):
                    found.look(place, text, search)
        except FileNotFoundError:
            found.files -= 1  # somebody's draft, gone meanwhile
        except (pa.ArrowException, Skippable):
            found.unread.append(place)
        except OSError as error:
            raise Fatal(f"cannot search {path}: {error.strerror or error}") from error
    _answers(home, found, search)
    return found


def search_far(place: Place, found: Residue, search: Search) -> None:
    """Search every file of a place that is no folder of this machine."""
    for kept in place.files():
        data = place.read(kept.name)
        name = f"{place.uri}/{kept.name}"
        found.files += 1
        found.look(name, data, search)
        if kept.name.endswith(".parquet"):
            _columns(pq.ParquetFile(pa.BufferReader(data)), name, found, search)


def search_stores(
    catalogue: CatalogueStore,
    documents: DocumentStore,
    names: NameIndex | None,
    found: Residue,
    search: Search,
) -> None:
    """Search all that the stores keep, as they decode it."""
    stores: dict[str, CatalogueStore | DocumentStore | NameIndex | None] = {
        "catalogue": catalogue,
        "documents": documents,
        "names": names,
    }
    for place, store in stores.items():
        if store is not None:
            for text in joined(store.texts()):
                found.look(f"store: {place}", text, search)


def search_control(url: str, found: Residue, search: Search) -> None:
    """Search control state that is not in the home, where there is such."""
    if url:
        from tunelake.govern.purge.postgres_rows import contents

        for text in joined(contents(url)):
            found.look("control database", text, search)


def _starts(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _bytes(path: Path, place: str, found: Residue, search: Search) -> None:
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for at in range(0, len(data), _PIECE):
            found.look(place, data[max(at - _OVERLAP, 0) : at + _PIECE], search)


def _parquet(path: Path, place: str, found: Residue, search: Search) -> None:
    with pq.ParquetFile(path) as file:
        _columns(file, place, found, search)


def _columns(file: pq.ParquetFile, place: str, found: Residue, search: Search) -> None:
    for batch in file.iter_batches(batch_size=_ROWS):
        for field, column in zip(batch.schema, batch.columns, strict=True):
            for texts in _texts(column):
                found.look_within(place, texts, search)
                if kind_of(field.name) == "artist" and not field.name.endswith("id"):
                    found.look_at_names(place, texts, search)


def _texts(column: pa.Array) -> Iterator[pa.Array]:
    """Give the texts in a column, whatever they are nested in."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        yield from _texts(column.dictionary)
    elif pa.types.is_struct(kind):
        for part in column.flatten():
            yield from _texts(part)
    elif pa.types.is_map(kind):
        yield from _texts(column.keys)
        yield from _texts(column.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _texts(column.flatten())
    elif kind in {pa.string(), pa.large_string(), pa.binary(), pa.large_binary()}:
        yield (
            column
            if kind == pa.large_string()
            else column.cast(pa.large_binary()).cast(pa.large_string(), safe=False)
        )


def _answers(home: Home, found: Residue, search: Search) -> None:
    """Answers as they were received, and what is told of each."""
    landing = landing_of(home)
    for segment, stored in groupby(landing.pages(), key=lambda one: one.segment):
        for text in joined(_told(one.page) for one in stored):
            found.look(f"raw/{segment}", text, search)
    found.unread += [str(damage) for damage in landing.damages]


def _told(page: Page) -> bytes:
    return page.body + f"\n{page.path}\n{page.params}\n{page.headers}".encode()
