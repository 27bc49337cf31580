"""Every key-value store keeps the same promises."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from valkey import Valkey

from tunelake.domain.cards import ArtistDocument, Neighbour, Reason, Receipt, TopTrack
from tunelake.errors import Fatal
from tunelake.publish.content import Changes, hash_of
from tunelake.publish.documents import encoded
from tunelake.publish.dynamodb_store import DynamodbDocuments
from tunelake.publish.dynamodb_table import DynamodbTable
from tunelake.publish.lmdb_store import LmdbDocuments
from tunelake.publish.memory_store import MemoryDocuments
from tunelake.publish.ports import DocumentStore
from tunelake.publish.valkey_store import ValkeyDocuments

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Opened = Callable[[], DocumentStore]


@pytest.fixture(params=["memory", "lmdb", "valkey", "dynamodb"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of an empty store; "" for memory."""
    if request.param == "valkey":
        return f"{request.getfixturevalue('valkey_url')}?prefix=tests"
    if request.param == "dynamodb":
        for name, value in request.getfixturevalue("dynamodb").new_environ().items():
            monkeypatch.setenv(name, value)
        return "dynamodb://documents"
    return str(tmp_path / "serving" / "d.lmdb") if request.param == "lmdb" else ""


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    stores: list[DocumentStore] = []
    memory = MemoryDocuments()

    def make() -> DocumentStore:
        if url.startswith("redis:"):
            stores.append(ValkeyDocuments(url))
        elif url.startswith("dynamodb:"):
            stores.append(DynamodbDocuments(url))
        else:
            # A map of one page-full, so that every suite run makes it grow.
            stores.append(LmdbDocuments(Path(url), 65536) if url else memory)
        return stores[-1]

    yield make
    for made in stores:
        made.close()


@pytest.fixture
def store(opened: Opened) -> DocumentStore:
    return opened()


def card(entity_id: str, name: str = "One") -> ArtistDocument:
    return ArtistDocument(
        entity_id=entity_id,
        source="sandbox",
        artist_id="x",
        name=name,
        genres=("pop", "soul"),
        features={"energy": 0.5},
        top_tracks=(TopTrack(track_id="t", name="Song", rank=1, year=1997),),
        neighbours=(
            Neighbour(
                entity_id="a9", name="Nine", rank=1, score=0.5, distance=None,
                reasons=(Reason(channel="genres", score=0.5, facts=("pop",)),),
            ),
        ),
        receipt=Receipt(
            source="sandbox", rights="all", observed_at=datetime(2026, 1, 1, tzinfo=UTC), page_id="p1"
        ),
    )  # fmt: skip


def put(store: DocumentStore, documents: Iterable[ArtistDocument], expected: int) -> Changes:
    with store.replacing(documents, expected) as changes:
        pass
    return changes


def test_an_empty_store_has_nothing(store: DocumentStore) -> None:
    assert (store.get("a1"), store.count()) == (None, 0)


def test_a_document_comes_back_as_it_was(store: DocumentStore) -> None:
    put(store, [card("a1"), card("a2", "Two")], 2)
    assert store.get("a1") == card("a1")
    assert store.count() == 2


def test_what_left_the_set_is_gone(store: DocumentStore) -> None:
    put(store, [card("a1"), card("a2")], 2)
    put(store, [card("a2", "Zwei")], 1)
    assert (store.get("a1"), store.get("a2"), store.count()) == (None, card("a2", "Zwei"), 1)


def test_a_wrong_count_keeps_the_set_before(store: DocumentStore) -> None:
    put(store, [card("a1")], 1)
    with pytest.raises(Fatal, match="documents holds 1 and should hold 2"):
        put(store, [card("a2")], 2)
    assert (store.get("a1"), store.get("a2")) == (card("a1"), None)


def test_a_failure_in_mid_set_keeps_the_set_before(store: DocumentStore) -> None:
    def failing() -> Iterator[ArtistDocument]:
        yield card("a2")
        raise Fatal("the mart broke")

    put(store, [card("a1")], 1)
    with pytest.raises(Fatal, match="the mart broke"):
        put(store, failing(), 1)
    assert (store.get("a1"), store.get("a2"), store.count()) == (card("a1"), None, 1)


def test_some_are_replaced_added_and_removed_others_stay(store: DocumentStore) -> None:
    put(store, [card("a1"), card("a2"), card("a3")], 3)
    store.replace_artists(["a1", "a2", "a4"], [card("a2", "Zwei"), card("a4")])
    found = [document and document.name for document in map(store.get, ("a1", "a2", "a3", "a4"))]
    assert found == [None, "Zwei", "One", "One"]


@pytest.mark.parametrize("name", ["a\0b", "x" * 65536, "에스파", "🎵", "", 'it\'s "quoted"'])
def test_any_name_comes_back(store: DocumentStore, name: str) -> None:
    put(store, [card("a1", name)], 1)
    found = store.get("a1")
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("entity_id", ["", "x" * 5000, "\0", "' or 1=1"])
def test_an_id_that_cannot_be_is_not_there(store: DocumentStore, entity_id: str) -> None:
    put(store, [card("a1")], 1)
    assert store.get(entity_id) is None


def test_a_set_larger_than_the_store_began_with(store: DocumentStore) -> None:
    many = [card(f"a{number:016x}", "x" * 500) for number in range(3000)]
    put(store, many, 3000)
    assert store.count() == 3000
    store.replace_artists(["b"], [card("b", "y" * 3_000_000)])
    assert store.count() == 3001
    assert store.get(many[2999].entity_id) == many[2999]


def test_what_was_published_is_there_after_opening_again(opened: Opened) -> None:
    first = opened()
    put(first, [card("a1")], 1)
    first.close()
    assert opened().get("a1") == card("a1")


def test_only_what_differs_is_written(store: DocumentStore) -> None:
    told = [put(store, [card("a1"), card("a2")], 2), put(store, [card("a1"), card("a2")], 2)]
    told.append(put(store, [card("a2", "Zwei"), card("a3")], 2))
    told.append(put(store, [card("a1"), card("a3")], 2))
    assert [(changes.written, changes.removed) for changes in told] == [(2, 0), (0, 0), (2, 1), (1, 1)]
    assert [store.get(entity_id) is not None for entity_id in ("a1", "a2", "a3")] == [True, False, True]


def test_readers_see_the_set_before_until_the_new_one_is_whole(store: DocumentStore, opened: Opened) -> None:
    def seen(reader: DocumentStore) -> list[str | None]:
        found = map(reader.get, ("a1", "a2", "a3"))
        return [None if document is None else document.name for document in found]

    put(store, [card("a1"), card("a2")], 2)
    # A process opens an LMDB folder once: its threads wait for each other, other processes do not.
    reader = store if isinstance(store, LmdbDocuments) else opened()
    with store.replacing([card("a1", "Uno"), card("a3")], 2):
        if reader is not store:
            assert (seen(reader), reader.count()) == (["One", "One", None], 2)
    assert seen(store) == ["Uno", None, "One"]
    if reader is not store:
        assert seen(opened()) == ["Uno", None, "One"]


def test_what_somebody_else_changed_is_mended_when_verified(store: DocumentStore, url: str) -> None:
    put(store, [card("a1"), card("a2")], 2)
    spoilt = encoded(card("a1", "Spoilt"))
    if url.startswith("redis:"):
        with Valkey.from_url(url.partition("?")[0]) as client:
            client.hset("{tests}:documents", "a1", spoilt)
    elif url.startswith("dynamodb:"):
        table = DynamodbTable(url)
        (item,) = table.newest("a1", 1, 1)
        table.write(put=[item | {"document": {"B": zstd.compress(spoilt)}}])
        table.close()
    else:
        store.replace_artists(["a1"], [card("a1", "Spoilt")])
    found = store.get("a1")
    assert found is not None
    assert found.name == "Spoilt"
    with store.replacing([card("a1"), card("a2")], 2, verify=True) as changes:
        pass
    assert (changes.written, store.get("a1")) == (1, card("a1"))


def test_a_failure_elsewhere_keeps_the_set_before(store: DocumentStore) -> None:
    put(store, [card("a1")], 1)
    with pytest.raises(Fatal, match="another store broke"), store.replacing([card("a2")], 1):
        raise Fatal("another store broke")
    assert (store.get("a1"), store.get("a2"), store.count()) == (card("a1"), None, 1)
    assert put(store, [card("a1")], 1) == Changes()


def test_hashes_stand_for_what_is_there(store: DocumentStore) -> None:
    put(store, [card("a1"), card("a2")], 2)
    store.replace_artists(["a2"], [card("a2", "Zwei")])
    expected = {one.entity_id: hash_of(encoded(one)) for one in (card("a1"), card("a2", "Zwei"))}
    assert dict(store.hashes()) == expected


def test_what_was_taken_away_leaves_nothing(store: DocumentStore) -> None:
    put(store, [card("gone-artist", "Uno"), card("a2", "Due")], 2)
    put(store, [card("gone-artist", "Another"), card("a2", "Due")], 2)
    store.replace_artists(["gone-artist"], [])
    store.scrub()
    kept = b"\n".join(store.texts())
    assert b"Due" in kept
    assert not [word for word in (b"gone-artist", b"Uno", b"Another") if word in kept]
    assert (store.count(), store.get("a2")) == (1, card("a2", "Due"))
    put(store, [card("a2", "Due"), card("a3", "Tre")], 2)
    assert store.count() == 2
