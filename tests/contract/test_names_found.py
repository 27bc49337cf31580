"""Names are found alike wherever they are kept: in a relational store or in a search for names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tunelake.domain.names import fold
from tunelake.publish.memory_store import MemoryCatalogue, MemoryNames
from tunelake.publish.names import Named, named
from tunelake.publish.ports import CatalogueStore, NameIndex
from tunelake.publish.schema import TABLES
from tunelake.publish.sqlalchemy_store import SqlCatalogue
from tunelake.publish.tantivy_index import TantivyNames

KEPT = ("memory", "sqlite", "postgres_url", "mariadb_url", "memory index", "tantivy")
ANY_NAMES = (
    "에스파",
    "米津玄師",
    "!!!",
    "Guns N' Roses",
    "x'; drop table names; --",
    "100%_\\",
    "🎵",
    "a\0b",
)


@pytest.fixture(params=KEPT)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CatalogueStore | NameIndex]:
    made: CatalogueStore | NameIndex
    match request.param:
        case "memory":
            made = MemoryCatalogue()
        case "sqlite":
            made = SqlCatalogue(f"sqlite:{tmp_path / 'catalogue.db'}")
        case "memory index":
            made = MemoryNames()
        case "tantivy":
            made = TantivyNames(tmp_path / "names")
        case server:
            made = SqlCatalogue(str(request.getfixturevalue(server)))
    yield made
    made.close()


def artist(
    entity_id: str, name: str, *aliases: str, popularity: int | None = None, collected: bool = True
) -> list[Named]:
    profile = {"entity_id": entity_id, "name": name, "aliases": aliases, "popularity": popularity}
    return named(profile, collected=collected)


def put(store: CatalogueStore | NameIndex, *artists: list[Named]) -> None:
    if isinstance(store, MemoryNames | TantivyNames):
        with store.replacing(name for one in artists for name in one):
            return
    assert isinstance(store, MemoryCatalogue | SqlCatalogue)
    rows = {
        "artists": [
            (of.entity_id, "sandbox", of.entity_id, of.shown, of.popularity, *[None] * 4, "all", "p1")
            for of, *_ in artists
        ],
        "names": [name.row for one in artists for name in one],
    }
    with store.replacing(rows, {table.name: len(rows.get(table.name, ())) for table in TABLES}):
        pass


def suggested(store: CatalogueStore | NameIndex, typed: str) -> list[str]:
    return [near.name for near in store.suggest(fold(typed))]


def test_names_before_other_names_collected_and_popular_first(store: CatalogueStore | NameIndex) -> None:
    put(
        store,
        artist("a1", "Other", "Nova", popularity=99),
        artist("a2", "nova", popularity=10),
        artist("a3", "Nova", popularity=20),
        artist("a4", "NOVA", popularity=90, collected=False),
        artist("a5", "Nova"),
    )
    assert store.find("nova") == ["a3", "a2", "a5", "a4", "a1"]


def test_articles_may_be_left_out_or_added(store: CatalogueStore | NameIndex) -> None:
    put(store, artist("a1", "The Beatles"), artist("a2", "Eagles"), artist("a3", "The The"))
    found = [store.find(name) for name in ("beatles", "the beatles", "the eagles", "the the", "the")]
    assert found == [["a1"], ["a1"], ["a2"], ["a3"], []]


@pytest.mark.parametrize("name", [*ANY_NAMES, "ж" * 65536, "ж " * 32768, "Sigur Rós"])
def test_any_name_is_stored_and_found(store: CatalogueStore | NameIndex, name: str) -> None:
    put(store, artist("a1", name), artist("a2", "Somebody Else"))
    assert store.find(fold(name)) == ["a1"]
    assert [(near.entity_id, near.name) for near in store.suggest(fold(name)[:20])] == [("a1", name)]
    assert store.find(fold(name) + "ж") == []


def test_suggestions_begin_then_hold_each_artist_once(store: CatalogueStore | NameIndex) -> None:
    put(
        store,
        artist("a1", "Blue Moon", "Blue Bird"),
        artist("a2", "The Blues", popularity=50),
        artist("a3", "Deep Blue", popularity=90),
    )
    assert suggested(store, "blue") == ["Blue Moon", "The Blues", "Deep Blue"]
    assert [near.name for near in store.suggest("blue", limit=1)] == ["Blue Moon"]
    assert suggested(store, "bird") == ["Blue Moon"]
