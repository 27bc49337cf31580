"""Documents in LMDB: one file, memory-mapped, readers never wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tunelake.domain.cards import ArtistDocument
from tunelake.errors import ConfigError, Fatal
from tunelake.publish.counts import check_counts

if TYPE_CHECKING:
    import lmdb

_MAP_SIZE = 256 * 1024 * 1024  # bytes of address space, not of disk; grows by doubling
_LONGEST_KEY = 511


class LmdbDocuments:
    """A `DocumentStore` in an LMDB folder, made when it is not there.

    LMDB allows one open store a folder and process; threads share it.

    Args:
        path: The folder.
        map_size: Bytes of address space to begin with.
    """

    def __init__(self, path: Path, map_size: int = _MAP_SIZE) -> None:
        self._path = path
        self._map_size = map_size
        self._lock = threading.RLock()
        self._decoder = msgspec.msgpack.Decoder(ArtistDocument)

    def replace(self, documents: Iterable[ArtistDocument], expected: int) -> None:
        """See `DocumentStore`."""

        def write(transaction: lmdb.Transaction) -> None:
            transaction.drop(self._database, delete=False)
            self._put(transaction, documents)
            found = transaction.stat(self._database)["entries"]
            check_counts({"documents": found}, {"documents": expected})

        self._write(write)

    def replace_artists(self, entity_ids: Collection[str], documents: Iterable[ArtistDocument]) -> None:
        """See `DocumentStore`."""

        def write(transaction: lmdb.Transaction) -> None:
            for entity_id in entity_ids:
                transaction.delete(entity_id.encode())
            self._put(transaction, documents)

        self._write(write)

    def get(self, entity_id: str) -> ArtistDocument | None:
        """See `DocumentStore`."""
        key = entity_id.encode()
        if not 0 < len(key) <= _LONGEST_KEY:
            return None
        with self._reading() as transaction:
            text = transaction.get(key)
        return None if text is None else self._decoder.decode(text)

    def count(self) -> int:
        """See `DocumentStore`."""
        with self._reading() as transaction:
            return int(transaction.stat(self._database)["entries"])

    def close(self) -> None:
        """See `DocumentStore`."""
        with self._lock:
            if "_environment" in self.__dict__:
                self._environment.close()
                del self.__dict__["_environment"]
                self.__dict__.pop("_database", None)

    def _put(self, transaction: lmdb.Transaction, documents: Iterable[ArtistDocument]) -> None:
        for document in documents:
            transaction.put(document.entity_id.encode(), msgspec.msgpack.encode(document))

    def _write(self, write: Callable[[lmdb.Transaction], None]) -> None:
        """Run one transaction; when the map is full, once more from its start in one twice the size."""
        import lmdb

        with self._lock, self._translated():
            while True:
                try:
                    with self._begin(write=True) as transaction:
                        write(transaction)
                        return
                except lmdb.MapFullError:
                    self._environment.set_mapsize(2 * self._environment.info()["map_size"])

    @contextmanager
    def _reading(self) -> Iterator[lmdb.Transaction]:
        with self._lock, self._translated(), self._begin(write=False) as transaction:
            yield transaction

    def _begin(self, *, write: bool) -> lmdb.Transaction:
        """Begin a transaction, in the new size when another process made the map grow."""
        import lmdb

        try:
            return self._environment.begin(write=write)
        except lmdb.MapResizedError:
            self._environment.set_mapsize(0)
            return self._environment.begin(write=write)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import lmdb

        try:
            yield
        except lmdb.Error as error:
            raise Fatal(f"{self._path}: {error}") from error

    @cached_property
    def _environment(self) -> lmdb.Environment:
        import lmdb

        try:
            self._path.mkdir(parents=True, exist_ok=True)
            return lmdb.open(str(self._path), map_size=self._map_size)
        except (OSError, lmdb.Error) as error:
            raise ConfigError(f"{self._path} cannot be opened: {error}") from error

    @cached_property
    def _database(self) -> lmdb._Database:
        return self._environment.open_db()
