"""Every relational store keeps the same promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tunelake.errors import Fatal
from tunelake.publish.content import Changes
from tunelake.publish.memory_store import MemoryCatalogue
from tunelake.publish.names import named
from tunelake.publish.ports import CatalogueStore
from tunelake.publish.schema import TABLES
from tunelake.publish.sqlalchemy_engine import open_engine
from tunelake.publish.sqlalchemy_store import SqlCatalogue

Opened = Callable[[], CatalogueStore]


@pytest.fixture(params=["memory", "sqlite", "postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty catalogue; "" for memory."""
    fixtures = {"postgresql": "postgres_url", "mariadb": "mariadb_url"}
    if request.param in fixtures:
        return str(request.getfixturevalue(fixtures[request.param]))
    return f"sqlite:{tmp_path / 'serving' / 'catalogue.db'}" if request.param == "sqlite" else ""


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    stores: list[CatalogueStore] = []
    memory = MemoryCatalogue()

    def make() -> CatalogueStore:
        stores.append(SqlCatalogue(url) if url else memory)
        return stores[-1]

    yield make
    for made in stores:
        made.close()


@pytest.fixture
def store(opened: Opened) -> CatalogueStore:
    return opened()


def artist(
    entity_id: str, name: str, *aliases: str, popularity: int | None = None, collected: bool = True
) -> dict[str, list[tuple[Any, ...]]]:
    profile = {"entity_id": entity_id, "name": name, "aliases": aliases, "popularity": popularity}
    row = (entity_id, "sandbox", entity_id, name, popularity, None, None, None, None, "all", "p1")
    return {
        "artists": [row],
        "artist_genres": [(entity_id, 0, "pop"), (entity_id, 1, "soul")],
        "names": [name.row for name in named(profile, collected=collected)],
        "top_tracks": [
            (entity_id, market, 1, "t1", "Song", None, 1997, 1000, None, None, "top_tracks")
            for market in ("KR", "US")
        ],
    }


def put(store: CatalogueStore, *artists: dict[str, list[tuple[Any, ...]]]) -> Changes:
    rows = {table.name: [row for one in artists for row in one.get(table.name, ())] for table in TABLES}
    with store.replacing(rows, {name: len(of) for name, of in rows.items()}) as changes:
        pass
    return changes


def test_an_empty_store_finds_nothing(store: CatalogueStore) -> None:
    assert (store.find("x"), store.suggest("x"), set(store.counts().values())) == ([], [], {0})


def test_a_whole_set_is_counted_and_what_left_is_gone(store: CatalogueStore) -> None:
    put(store, artist("a1", "One"), artist("a2", "Two"))
    assert store.counts() == {
        "artists": 2, "artist_genres": 4, "names": 2, "top_tracks": 4, "albums": 0, "similar_artists": 0
    }  # fmt: skip
    put(store, artist("a2", "Two"))
    assert (store.counts()["artists"], store.find("one"), store.find("two")) == (1, [], ["a2"])


def test_a_wrong_count_keeps_the_set_before(store: CatalogueStore) -> None:
    put(store, artist("a1", "One"))
    wrong = store.replacing(artist("a2", "Two"), {"artists": 2})
    with pytest.raises(Fatal, match="artists holds 1 and should hold 2"), wrong:
        pass
    assert (store.find("one"), store.find("two"), store.counts()["artists"]) == (["a1"], [], 1)


def test_a_failure_in_mid_set_keeps_the_set_before(store: CatalogueStore) -> None:
    def failing() -> Iterator[tuple[Any, ...]]:
        yield from artist("a2", "Two")["artists"]
        raise Fatal("the mart broke")

    put(store, artist("a1", "One"))
    with pytest.raises(Fatal, match="the mart broke"), store.replacing({"artists": failing()}, {}):
        pass
    assert store.find("one") == ["a1"]
    assert store.counts()["artists"] == 1


def test_some_artists_are_replaced_added_and_removed_others_stay(store: CatalogueStore) -> None:
    put(store, artist("a1", "One"), artist("a2", "Two"), artist("a3", "Three"))
    store.replace_artists(["a1", "a2"], artist("a2", "Zwei"))
    assert [store.find(name) for name in ("one", "two", "zwei", "three")] == [[], [], ["a2"], ["a3"]]
    assert store.counts()["artist_genres"] == 4


def test_only_what_differs_is_written(store: CatalogueStore) -> None:
    one, two, three = artist("a1", "One"), artist("a2", "Two"), artist("a3", "Three")
    put(store, one, two)
    popular = artist("a2", "Two", popularity=1)
    told = [put(store, one, two), put(store, one, popular), put(store, popular, three)]
    # An artist has a row in artists and in names, two genres and two songs; popularity stands in two rows.
    expected = [(0, 0), (2, 2), (6, 6)] if isinstance(store, MemoryCatalogue) else [(0, 0), (2, 0), (6, 6)]
    assert [(changes.written, changes.removed) for changes in told] == expected


def test_what_somebody_else_changed_is_mended_when_verified(store: CatalogueStore, url: str) -> None:
    put(store, artist("a1", "One"), artist("a2", "Two"))
    before = {table.name: dict(store.hashes(table.name)) for table in TABLES}
    if url:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("delete from artist_genres where entity_id = 'a1' and position = 1")
            connection.exec_driver_sql("update artists set name = 'Zwei' where entity_id = 'a2'")
            connection.exec_driver_sql("update names set entity_id = 'a2' where entity_id = 'a1'")
        engine.dispose()
    else:
        store.replace_artists(["a1"], {})
    assert {table.name: dict(store.hashes(table.name)) for table in TABLES} != before
    rows = {
        table.name: [*artist("a1", "One").get(table.name, ()), *artist("a2", "Two").get(table.name, ())]
        for table in TABLES
    }
    with store.replacing(rows, {}, verify=True):
        pass
    assert {table.name: dict(store.hashes(table.name)) for table in TABLES} == before
    assert put(store, artist("a1", "One"), artist("a2", "Two")) == Changes()


def test_a_name_that_folds_to_nothing_is_no_name(store: CatalogueStore) -> None:
    put(store, artist("a1", "\u200b"), artist("a2", "Two"))
    assert (store.find(""), store.suggest(""), store.counts()["names"]) == ([], [], 1)


def test_what_was_published_is_there_after_opening_again(opened: Opened) -> None:
    first = opened()
    put(first, artist("a1", "One"))
    first.close()
    assert opened().find("one") == ["a1"]


def test_what_was_taken_away_leaves_nothing(store: CatalogueStore) -> None:
    put(store, artist("gone-artist", "Uno"), artist("a2", "Due"))
    store.replace_artists(["gone-artist"], {})
    store.scrub()
    kept = b"\n".join(store.texts())
    assert b"Due" in kept
    assert not [word for word in (b"gone-artist", b"Uno") if word in kept]
    assert store.find("due") == ["a2"]
