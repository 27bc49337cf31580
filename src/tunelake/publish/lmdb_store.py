"""Documents in LMDB: one file, memory-mapped, readers never wait."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tunelake.domain.cards import ArtistDocument
from tunelake.errors import Fatal
from tunelake.publish.content import Changes, check_counts, hash_of
from tunelake.publish.documents import decoded, encoded
from tunelake.publish.lmdb_environment import Shared, let_go, take

if TYPE_CHECKING:
    import lmdb

_MAP_SIZE = 256 * 1024 * 1024  # bytes of address space, not of disk; grows by doubling
_LONGEST_KEY = 511


class LmdbDocuments:
    """A `DocumentStore` in an LMDB folder, made when it is not there.

    LMDB allows one open environment a folder and process; all stores of a folder share it.

    Args:
        path: The folder.
        map_size: Bytes of address space to begin with.
    """

    def __init__(self, path: Path, map_size: int = _MAP_SIZE) -> None:
        self._path = path
        self._map_size = map_size

    @contextmanager
    def replacing(
        self,
        documents: Iterable[ArtistDocument],
        expected: int,
        *,
        verify: bool = False,  # noqa: ARG002
    ) -> Iterator[Changes]:
        """See `DocumentStore`; it compares with what it holds in any case."""

        def write(transaction: lmdb.Transaction) -> Changes:
            changes = self._bring(transaction, documents)
            found = transaction.stat(self._database)["entries"]
            check_counts({"documents": found}, {"documents": expected})
            return changes

        with self._lock, self._translated(), self._staged(write) as changes:
            yield changes

    def replace_artists(self, entity_ids: Collection[str], documents: Iterable[ArtistDocument]) -> None:
        """See `DocumentStore`."""
        texts = {_key(one.entity_id): encoded(one) for one in documents}

        def write(transaction: lmdb.Transaction) -> Changes:
            for entity_id in entity_ids:
                transaction.delete(_key(entity_id))
            for key, text in texts.items():
                transaction.put(key, text)
            return Changes(written=len(texts))

        with self._lock, self._translated(), self._staged(write):
            pass

    def get(self, entity_id: str) -> ArtistDocument | None:
        """See `DocumentStore`."""
        key = _key(entity_id)
        if not 0 < len(key) <= _LONGEST_KEY:
            return None
        with self._reading() as transaction:
            text = transaction.get(key)
        return None if text is None else decoded(bytes(text))

    def count(self) -> int:
        """See `DocumentStore`."""
        with self._reading() as transaction:
            return int(transaction.stat(self._database)["entries"])

    def hashes(self) -> Iterator[tuple[str, str]]:
        """See `DocumentStore`."""
        with self._reading() as transaction:
            for key, text in transaction.cursor():
                yield bytes(key).decode(errors="replace"), hash_of(bytes(text))

    def texts(self) -> Iterator[bytes]:
        """See `DocumentStore`."""
        with self._reading() as transaction:
            for key, text in transaction.cursor():
                yield bytes(key) + b" " + bytes(text)

    def scrub(self) -> None:
        """See `DocumentStore`: a new file, without what was given up, takes the place of the one there is.

        Who reads the file that was there sees the new one with the next read.
        """
        with self._lock, self._translated():
            self._shared.renew()
            self._shared.compact()

    def close(self) -> None:
        """See `DocumentStore`."""
        if "_shared" in self.__dict__:
            self._let_go()
            del self.__dict__["_shared"]

    def _bring(self, transaction: lmdb.Transaction, documents: Iterable[ArtistDocument]) -> Changes:
        """Write documents that differ from what is there; take away those that are none any more."""
        changes = Changes()
        left = {bytes(key) for key in transaction.cursor().iternext(values=False)}
        for document in documents:
            key, text = _key(document.entity_id), encoded(document)
            left.discard(key)
            if transaction.get(key) != text:
                transaction.put(key, text)
                changes.written += 1
        for key in left:
            transaction.delete(key)
        changes.removed = len(left)
        return changes

    @contextmanager
    def _staged(self, write: Callable[[lmdb.Transaction], Changes]) -> Iterator[Changes]:
        """Fill one transaction; when the map is full, once more from its start in one twice the size."""
        import lmdb

        while True:
            transaction = self._begin_writing()
            try:
                changes = write(transaction)
            except lmdb.MapFullError:
                transaction.abort()
                self._environment.set_mapsize(2 * self._environment.info()["map_size"])
            except BaseException:
                transaction.abort()
                raise
            else:
                break
        with self._shared.used(), transaction:  # commits when left without an error
            yield changes

    @contextmanager
    def _reading(self) -> Iterator[lmdb.Transaction]:
        with self._lock, self._translated():
            self._shared.renew()
            with self._shared.used(), self._begin(write=False) as transaction:
                yield transaction

    def _begin_writing(self) -> lmdb.Transaction:
        """Begin to write the file that is there now: another process may have put a copy there."""
        while True:
            self._shared.renew()
            transaction = self._begin(write=True)
            if self._shared.is_current():
                return transaction
            transaction.abort()

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
            raise Fatal(f"{self._path} cannot be used: {error}") from error

    @cached_property
    def _shared(self) -> Shared:
        shared = take(self._path, self._map_size)
        self._let_go = weakref.finalize(self, let_go, self._path)
        return shared

    @property
    def _lock(self) -> threading.RLock:
        return self._shared.lock

    @property
    def _environment(self) -> lmdb.Environment:
        return self._shared.environment

    @property
    def _database(self) -> lmdb._Database:
        return self._shared.database


def _key(entity_id: str) -> bytes:
    return entity_id.encode(errors="replace")
