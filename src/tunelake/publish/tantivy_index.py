"""The search for names in a Tantivy index: files of its own, memory-mapped, slips of the pen forgiven."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tunelake.errors import ConfigError, Fatal, Retryable, how_to_install
from tunelake.publish.content import Changes
from tunelake.publish.names import Named, by_artist, lookups, name_digest
from tunelake.publish.ports import Suggestion
from tunelake.publish.slips import LONGEST, Spelling, apart, keys, spelling

if TYPE_CHECKING:
    import tantivy

_LAYOUT = "1"  # of the index; another one is built beside it
_HEAP = 200_000_000  # bytes in which new names are gathered
_WAIT = 30  # seconds to wait for another writer
_LONGEST = 200  # letters by which a name is found by its beginning
_TAILS = 12  # words of a name by which it is found
_LOOKED_AT = 30  # names nearby that are compared letter by letter
_TWO_SLIPS = 12  # letters of a name in which two slips are looked for
_BOOK = "published"


class _Book(msgspec.Struct, array_like=True):
    """The hash of the names of each artist, and the state of the index that they stand for."""

    stamp: int
    hashes: dict[str, str]


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """What is stored of a name: how it is shown, and how it is compared."""

    name: Named
    spelled: Spelling


_decode = msgspec.msgpack.Decoder(_Entry).decode
_encode = msgspec.msgpack.Encoder().encode


class TantivyNames:
    """A `NameIndex` in a folder, made when it is not there.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path / _LAYOUT
        self._seen: tuple[int, int] | None = None
        self._opened: tantivy.Searcher | None = None

    @contextmanager
    def replacing(self, names: Iterable[Named], *, verify: bool = False) -> Iterator[Changes]:
        """See `NameIndex`; to verify is to write it anew."""
        with self._writing(anew=verify) as (writer, book):
            changes, new = Changes(), dict[str, str]()
            for entity_id, listed, new[entity_id] in by_artist(names):
                if book.hashes.get(entity_id) != new[entity_id]:
                    changes.written += 1
                    self._put(writer, entity_id, listed, known=entity_id in book.hashes)
            for entity_id in book.hashes.keys() - new.keys():
                changes.removed += 1
                writer.delete_documents_by_term("entity", entity_id)
            book.hashes = new
            yield changes

    def replace_artists(self, entity_ids: Collection[str], names: Iterable[Named]) -> None:
        """See `NameIndex`."""
        with self._writing() as (writer, book):
            for entity_id in entity_ids:
                writer.delete_documents_by_term("entity", entity_id)
                book.hashes.pop(entity_id, None)
            for entity_id, listed, book.hashes[entity_id] in by_artist(names):
                self._put(writer, entity_id, listed, known=False)

    def find(self, folded: str) -> list[str]:
        """See `NameFinder`."""
        for text in lookups(folded):
            found = self._read(self._exact(text), 1_000)
            if found:
                return list(dict.fromkeys(name.entity_id for name in found))
        return []

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """See `NameFinder`."""
        text = folded[:_LONGEST]
        if not text:
            return []
        found: dict[str, str] = {}
        for field in ("text", "tails"):
            if len(found) < limit:
                for name in self._read(self._beginning(field, text), limit * 2):
                    found.setdefault(name.entity_id, name.shown)
        if len(found) < limit:
            for name in self._nearby(folded, limit):
                found.setdefault(name.entity_id, name.shown)
        return [Suggestion(entity_id, name) for entity_id, name in islice(found.items(), limit)]

    def near(self, folded: str, limit: int = 10) -> list[str]:
        """See `NameFinder`."""
        return list(dict.fromkeys(name.entity_id for name in self._nearby(folded, limit)))[:limit]

    def hashes(self) -> Iterator[tuple[str, str]]:
        """See `NameIndex`."""
        searcher = self._searcher()
        if searcher is None or not searcher.num_docs:
            return iter(())
        import tantivy

        entries = self._fetch(searcher, tantivy.Query.all_query(), searcher.num_docs)
        found = [entry.name for entry in entries]
        found.sort(key=lambda name: name.entity_id)
        return ((entity_id, hash_) for entity_id, _, hash_ in by_artist(found))

    def texts(self) -> Iterator[bytes]:
        """See `NameIndex`."""
        searcher = self._searcher()
        if searcher is None or not searcher.num_docs:
            return iter(())
        import tantivy

        entries = self._fetch(searcher, tantivy.Query.all_query(), searcher.num_docs)
        return (_encode(entry) for entry in entries)

    def scrub(self) -> None:
        """See `NameIndex`; what is deleted is gone only once all is written anew."""
        searcher = self._searcher()
        if searcher is None:
            return
        import tantivy

        every = tantivy.Query.all_query()
        entries = self._fetch(searcher, every, searcher.num_docs) if searcher.num_docs else []
        listed = sorted((entry.name for entry in entries), key=lambda name: name.entity_id)
        with self.replacing(listed, verify=True):
            pass
        with self._translated():
            writer = self._writer()
            writer.garbage_collect_files()
            writer.wait_merging_threads()

    def close(self) -> None:
        """See `NameIndex`."""
        self._opened = self._seen = None

    def _nearby(self, folded: str, limit: int) -> list[Named]:
        """Names a slip away, the nearest first, then the weightiest."""
        searcher = self._searcher()
        if searcher is None:
            return []
        typed = spelling(folded)
        query = self._sharing(searcher, keys(typed)) or self._two_slips(folded)
        if query is None:
            return []
        found = self._fetch(searcher, query, max(limit, _LOOKED_AT))
        ranked = sorted(found, key=lambda entry: (apart(typed, entry.spelled), -entry.name.weight))
        return [entry.name for entry in ranked]

    def _sharing(self, searcher: tantivy.Searcher, wanted: Iterable[str]) -> tantivy.Query | None:
        """What shares a text with what was typed; None when nothing does."""
        import tantivy

        there = [key for key in wanted if searcher.doc_freq("near", _term(key))]
        if not there:
            return None
        schema, should = self._schema, tantivy.Occur.Should
        return tantivy.Query.boolean_query(
            [(should, tantivy.Query.term_query(schema, "near", _term(key), "basic")) for key in there]
        )

    def _two_slips(self, folded: str) -> tantivy.Query | None:
        """What is two slips from a longer name; slower, so asked only when there is nothing nearer."""
        import tantivy

        if not _TWO_SLIPS <= len(folded) <= LONGEST:
            return None
        return tantivy.Query.fuzzy_term_query(self._schema, "text", folded, distance=2)

    def _exact(self, text: str) -> tantivy.Query:
        import tantivy

        return tantivy.Query.term_query(self._schema, "text", _term(text), "basic")

    def _beginning(self, field: str, text: str) -> tantivy.Query:
        import tantivy

        return tantivy.Query.fuzzy_term_query(self._schema, field, text, distance=0, prefix=True)

    def _read(self, query: tantivy.Query, limit: int) -> list[Named]:
        """Names by weight, the weightiest first."""
        searcher = self._searcher()
        if searcher is None:
            return []
        hits = searcher.search(query, limit, count=False, order_by_field="weight").hits
        found = [_entry(searcher, address).name for _, address in hits]
        return sorted(found, key=lambda name: (-name.weight, name.entity_id))

    def _fetch(self, searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[_Entry]:
        hits = searcher.search(query, limit, count=False).hits
        return [_entry(searcher, address) for _, address in hits]

    def _put(self, writer: tantivy.IndexWriter, entity_id: str, names: list[Named], *, known: bool) -> None:
        import tantivy

        if known:
            writer.delete_documents_by_term("entity", entity_id)
        kept: set[str] = set()  # a name without its article or signs is often spelled as the name itself
        for name in names:
            document = tantivy.Document()
            document.add_text("entity", entity_id)
            document.add_text("text", _term(name.folded))
            spelled = spelling(name.folded)
            for key in keys(spelled) - kept:
                document.add_text("near", _term(key))
                kept.add(key)
            for tail in _tails(name.folded):
                document.add_text("tails", tail)
            document.add_unsigned("weight", name.weight)
            document.add_bytes("row", _encode(_Entry(name, spelled)))
            writer.add_document(document)

    @contextmanager
    def _writing(self, *, anew: bool = False) -> Iterator[tuple[tantivy.IndexWriter, _Book]]:
        """Open the one writer: all of it is seen when it is left without an error, or none."""
        with self._translated():
            writer = self._writer()
            book = self._book()
            if anew or book is None:  # what is there is not what was published last
                writer.delete_all_documents()
                book = _Book(0, {})
            try:
                yield writer, book
                writer.commit()
            except BaseException:
                writer.rollback()
                raise
            finally:
                writer.wait_merging_threads()
            book.stamp = self._stamp()
            draft = self._path / f".{_BOOK}"
            draft.write_bytes(_encode(book))
            draft.replace(self._path / _BOOK)

    def _writer(self) -> tantivy.IndexWriter:
        end = time.monotonic() + _WAIT
        while True:
            try:
                return self._index.writer(_HEAP, num_threads=1)
            except ValueError as error:
                if "lock" not in str(error).lower():
                    raise
                if time.monotonic() > end:
                    raise Retryable(f"{self._path}: somebody else publishes; try again") from error
                time.sleep(0.05)

    def _book(self) -> _Book | None:
        try:
            book = msgspec.msgpack.decode((self._path / _BOOK).read_bytes(), type=_Book)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        return book if book.stamp == self._stamp() else None

    def _stamp(self) -> int:
        return int(msgspec.json.decode((self._path / "meta.json").read_bytes())["opstamp"])

    def _searcher(self) -> tantivy.Searcher | None:
        """The newest published state; None when nothing was published."""
        try:
            found = (self._path / "meta.json").stat()
        except FileNotFoundError:
            return None
        mark = (found.st_mtime_ns, found.st_ino)
        if self._opened is None or mark != self._seen:
            with self._translated():
                self._index.reload()
                self._opened = self._index.searcher()
            self._seen = mark
        return self._opened

    @cached_property
    def _schema(self) -> tantivy.Schema:
        import tantivy

        builder = tantivy.SchemaBuilder()
        for name in ("entity", "text", "near", "tails"):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
        builder.add_unsigned_field("weight", fast=True)
        builder.add_bytes_field("row", stored=True)
        return builder.build()

    @cached_property
    def _index(self) -> tantivy.Index:
        try:
            import tantivy
        except ModuleNotFoundError as error:
            raise ConfigError(f"tantivy is not installed: {how_to_install('search')}") from error
        with self._translated():
            self._path.mkdir(parents=True, exist_ok=True)
            return tantivy.Index(self._schema, str(self._path))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError) as error:
            raise Fatal(
                f"{self._path} cannot be used: {error}; "
                "when it is damaged, remove it and run `tunelake publish`"
            ) from error


def _entry(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> _Entry:
    return _decode(bytes(searcher.doc(address)["row"][0]))


def _term(text: str) -> str:
    """A text, or what stands for one that is longer than the index takes."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\0{name_digest(text)}"


def _tails(folded: str) -> Iterator[str]:
    """What a name is from its second word on, its third, ..."""
    rest = folded[: 2 * _LONGEST]
    for _ in range(_TAILS):
        _, _, rest = rest.partition(" ")
        if not rest:
            return
        yield rest[:_LONGEST]
