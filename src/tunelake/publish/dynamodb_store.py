"""Documents in a table of DynamoDB, or of what speaks its API: one Query answers.

A set is larger than its transactions, so documents have versions (see `versions`), and one conditional write
of a pointer switches all of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tunelake.domain.cards import ArtistDocument
from tunelake.errors import Retryable
from tunelake.publish.content import Changes, check_counts, hash_of
from tunelake.publish.documents import decoded, encoded
from tunelake.publish.dynamodb_table import DynamodbTable, Item
from tunelake.publish.versions import Kept, Pointer, unseen, visible

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_POINTER = "#pointer"
_LONGEST_KEY = 2048  # bytes
_TRIES = 5


class DynamodbDocuments:
    """A `DocumentStore` in a table of DynamoDB, made when it is not there.

    Args:
        url: "dynamodb://TABLE", with `?region=` and `?endpoint=` where the usual settings of AWS do not say
            them. Keys and secrets come from those settings alone.
        fresh_seconds: For how long a reader may go by the pointer it has read. What another process
            published is seen after that time.
        clock: Seconds that only grow.
    """

    def __init__(
        self, url: str, fresh_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._table = DynamodbTable(url)
        self._fresh = fresh_seconds
        self._clock = clock
        self._seen: tuple[float, Pointer] | None = None

    @contextmanager
    def replacing(
        self, documents: Iterable[ArtistDocument], expected: int, *, verify: bool = False
    ) -> Iterator[Changes]:
        """See `DocumentStore`."""
        self._table.make()
        pointer = self._begin()
        stored = list(self._held() if verify else self._stored())
        self._table.write(removed=[_key(kept.entity_id, kept.version) for kept in unseen(stored, pointer)])
        known = {kept.entity_id: kept.hash for kept in visible(stored, pointer).values() if kept.hash}
        changes, count = Changes(), 0

        def differing() -> Iterator[Item]:
            nonlocal count
            left = set(known)
            for document in documents:
                count += 1
                left.discard(document.entity_id)
                text = encoded(document)
                if known.get(document.entity_id) != hash_of(text):
                    changes.written += 1
                    yield _item(document.entity_id, pointer.attempt, text)
            for entity_id in left:
                changes.removed += 1
                yield _mark(entity_id, pointer.attempt)

        self._table.write(put=differing())
        check_counts({"documents": count}, {"documents": expected})
        yield changes
        if not self._switch(pointer):
            raise Retryable(f"{self._table.place}: somebody else published meanwhile; publish again")

    def replace_artists(self, entity_ids: Collection[str], documents: Iterable[ArtistDocument]) -> None:
        """See `DocumentStore`."""
        texts = {document.entity_id: encoded(document) for document in documents}
        gone = [entity_id for entity_id in entity_ids if entity_id not in texts]
        self._table.make()
        for _ in range(_TRIES):
            pointer = self._begin()
            items = [_item(entity_id, pointer.attempt, text) for entity_id, text in texts.items()]
            self._table.write(put=[*items, *(_mark(entity_id, pointer.attempt) for entity_id in gone)])
            if self._switch(pointer):
                return
        raise Retryable(f"{self._table.place}: others publish all the time; try again")

    def get(self, entity_id: str) -> ArtistDocument | None:
        """See `DocumentStore`."""
        if not 0 < len(entity_id.encode(errors="replace")) <= _LONGEST_KEY or entity_id == _POINTER:
            return None
        pointer = self._pointer()
        if not pointer.current:
            return None
        for item in self._table.newest(entity_id, pointer.current, 1 + len(pointer.dead)):
            if pointer.sees(int(item["version"]["N"])):
                return decoded(zstd.decompress(item["document"]["B"])) if "document" in item else None
        return None

    def count(self) -> int:
        """See `DocumentStore`."""
        pointer = self._pointer()
        if not pointer.current:
            return 0
        return sum(bool(kept.hash) for kept in visible(self._stored(), pointer).values())

    def hashes(self) -> Iterator[tuple[str, str]]:
        """See `DocumentStore`."""
        pointer = self._pointer()
        if not pointer.current:
            return iter(())
        found = visible(self._held(), pointer)
        return ((kept.entity_id, kept.hash) for kept in found.values() if kept.hash)

    def texts(self) -> Iterator[bytes]:
        """See `DocumentStore`."""
        for item in self._table.scan("entity_id", "version", "document"):
            yield item["entity_id"]["S"].encode()
            if "document" in item:
                yield zstd.decompress(item["document"]["B"])

    def scrub(self) -> None:
        """See `DocumentStore`; older forms go, and marks of documents that were taken away."""
        self._table.make()
        # Twice: the mark of a document goes when it is all that there is of it.
        for _ in range(2):
            pointer = self._pointer()
            stored = list(self._stored())
            self._table.write(
                removed=[_key(kept.entity_id, kept.version) for kept in unseen(stored, pointer)]
            )

    def close(self) -> None:
        """See `DocumentStore`."""
        self._table.close()

    def _stored(self) -> Iterator[Kept]:
        """Every stored form with the hash it was written with."""
        for item in self._table.scan("entity_id", "version", "content_hash"):
            hash_ = item.get("content_hash", {}).get("S", "")
            if item["entity_id"]["S"] != _POINTER:
                yield Kept(item["entity_id"]["S"], int(item["version"]["N"]), hash_)

    def _held(self) -> Iterator[Kept]:
        """Every stored form with the hash of what it holds now."""
        for item in self._table.scan("entity_id", "version", "document"):
            if item["entity_id"]["S"] != _POINTER:
                yield _read(item)

    def _begin(self) -> Pointer:
        """Take a number; give the pointer as it is then."""
        return _pointer_of(
            self._table.update(
                _key(_POINTER, 0),
                "set #c = if_not_exists(#c, :none) add #a :one",
                {"#c": "current", "#a": "attempt"},
                {":none": {"N": "0"}, ":one": {"N": "1"}},
            )
        )

    def _switch(self, pointer: Pointer) -> bool:
        """Point readers at what was written since `_begin`; False when somebody else was quicker."""
        new = pointer.switched()
        values: dict[str, Any] = {":new": {"N": str(new.current)}, ":old": {"N": str(pointer.current)}}
        names, change = {"#c": "current"}, "set #c = :new"
        if new.dead:
            values[":dead"] = {"NS": [str(number) for number in sorted(new.dead)]}
            names["#d"], change = "dead", f"{change}, #d = :dead"
        done = self._table.update(_key(_POINTER, 0), change, names, values, only_if="#c = :old")
        self._seen = None
        return bool(done)

    def _pointer(self) -> Pointer:
        now = self._clock()
        if self._seen is None or now - self._seen[0] > self._fresh:
            self._seen = now, _pointer_of(self._table.item(_key(_POINTER, 0)))
        return self._seen[1]


def _key(entity_id: str, version: int) -> Item:
    return {"entity_id": {"S": entity_id}, "version": {"N": str(version)}}


def _item(entity_id: str, version: int, text: bytes) -> Item:
    return _key(entity_id, version) | {
        "document": {"B": zstd.compress(text)},
        "content_hash": {"S": hash_of(text)},
    }


def _mark(entity_id: str, version: int) -> Item:
    """Stands for a document that was taken away."""
    return _key(entity_id, version)


def _read(item: Item) -> Kept:
    document = item.get("document")
    hash_ = hash_of(zstd.decompress(document["B"])) if document else ""
    return Kept(item["entity_id"]["S"], int(item["version"]["N"]), hash_)


def _pointer_of(item: Item) -> Pointer:
    return Pointer(
        current=int(item.get("current", {}).get("N", 0)),
        attempt=int(item.get("attempt", {}).get("N", 0)),
        dead=frozenset(int(number) for number in item.get("dead", {}).get("NS", ())),
    )
