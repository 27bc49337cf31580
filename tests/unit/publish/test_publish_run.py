from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tunelake.errors import Fatal, Retryable
from tunelake.mart.run import run_marts
from tunelake.publish.content import Changes
from tunelake.publish.lmdb_store import LmdbDocuments
from tunelake.publish.memory_store import MemoryCatalogue, MemoryDocuments, MemoryNames
from tunelake.publish.run import publish_all, publish_artists
from tunelake.publish.sqlalchemy_store import SqlCatalogue
from tunelake.similar.run import run_similar

MakeLake = Callable[..., Any]


def rows() -> dict[str, list[dict[str, Any]]]:
    return {
        "artists": [
            {"artist_id": "A", "name": "Alpha", "popularity": 50, "image_url": "http://x/a"},
            {"artist_id": "B", "name": "The Beta", "popularity": 40, "image_url": "http://x/b"},
            {"artist_id": "C", "name": "Guest"},
        ],
        "artist_genres": [
            {"artist_id": "A", "genre": "pop", "position": 0},
            {"artist_id": "A", "genre": "soul", "position": 1},
            {"artist_id": "B", "genre": "pop", "position": 0},
        ],
        "artist_aliases": [{"artist_id": "A", "alias": "알파", "method": "search", "confidence": 0.9}],
        "albums": [{"album_id": "L", "name": "One", "album_type": "album", "release_date": "1997"}],
        "album_artists": [{"album_id": "L", "artist_id": "A"}],
        "tracks": [{"track_id": "T", "name": "Song", "album_id": "L"}, {"track_id": "U", "name": "Other"}],
        "track_artists": [
            {"track_id": "T", "artist_id": "A"},
            {"track_id": "T", "artist_id": "C"},
            {"track_id": "U", "artist_id": "B"},
        ],
        "top_tracks": [
            {"artist_id": "A", "market": "KR", "track_id": "T", "rank": 1},
            {"artist_id": "A", "market": "US", "track_id": "U", "rank": 1},
        ],
        "audio_features": [
            {"track_id": "T", "danceability": 0.5, "energy": 0.1},
            {"track_id": "U", "danceability": 0.7, "energy": 0.1},
        ],
    }


def computed(make_lake: MakeLake) -> Any:
    lake = make_lake(rows())
    run_marts(lake.engine)
    run_similar(lake.engine)
    return lake


def entity(lake: Any, name: str) -> str:
    return str(dict(lake.mart("artist_profile", "name", "entity_id"))[name])


def test_a_document_holds_all_an_answer_needs(make_lake: MakeLake, tmp_path: Path) -> None:
    lake = computed(make_lake)
    catalogue, store = SqlCatalogue(f"sqlite:{tmp_path}/c.db"), LmdbDocuments(tmp_path / "d")
    report = publish_all(lake.engine, catalogue, store, market="KR")
    (found,) = catalogue.find("알파")
    card = store.get(found)
    catalogue.close()
    store.close()
    assert card is not None
    assert (card.name, card.genres, card.aliases, card.collected) == (
        "Alpha",
        ("pop", "soul"),
        ("알파",),
        True,
    )
    assert [(t.name, t.year) for t in card.top_tracks] == [("Song", 1997)]
    assert [(r.name, r.date) for r in card.releases] == [("One", "1997")]
    assert card.features == {"danceability": 0.6, "energy": 0.1}
    assert [n.name for n in card.neighbours] == ["Guest", "The Beta"]
    assert {r.channel: r.facts for r in card.neighbours[0].reasons} == {"collaboration": ("Song",)}
    assert card.receipt is not None
    assert (card.receipt.page_id, card.receipt.rights) == ("p1", "all")
    assert report.documents == 3
    assert report.rows == {
        "artists": 3, "artist_genres": 3, "names": 6, "top_tracks": 4, "albums": 1, "similar_artists": 4
    }  # fmt: skip


def test_the_wanted_market_is_shown_and_tracks_where_there_is_no_ranking(make_lake: MakeLake) -> None:
    lake, store = computed(make_lake), MemoryDocuments()
    publish_all(lake.engine, MemoryCatalogue(), store, market="US")
    alpha, beta = store.get(entity(lake, "Alpha")), store.get(entity(lake, "The Beta"))
    assert alpha is not None
    assert beta is not None
    assert (alpha.top_kind, [t.track_id for t in alpha.top_tracks]) == ("top_tracks", ["U"])
    assert (beta.top_kind, [t.track_id for t in beta.top_tracks]) == ("tracks", ["U"])
    publish_all(lake.engine, MemoryCatalogue(), store, market="DE")
    alpha = store.get(entity(lake, "Alpha"))
    assert alpha is not None
    assert [t.track_id for t in alpha.top_tracks] == ["T"]


def test_publishing_again_follows_deletions(make_lake: MakeLake) -> None:
    lake, catalogue, store = computed(make_lake), MemoryCatalogue(), MemoryDocuments()
    publish_all(lake.engine, catalogue, store)
    beta = entity(lake, "The Beta")
    lake.connection.execute("delete from artists where artist_id = 'B'")
    run_marts(lake.engine)
    run_similar(lake.engine)
    publish_all(lake.engine, catalogue, store)
    alpha = store.get(entity(lake, "Alpha"))
    assert (store.get(beta), catalogue.find("beta"), store.count()) == (None, [], 2)
    assert alpha is not None
    assert [n.name for n in alpha.neighbours] == ["Guest"]


def test_some_artists_are_published_with_those_they_are_shown_with(make_lake: MakeLake) -> None:
    lake, catalogue, store = computed(make_lake), MemoryCatalogue(), MemoryDocuments()
    alpha, beta = entity(lake, "Alpha"), entity(lake, "The Beta")
    lake.connection.execute("delete from similar_artists where other_entity_id = ?", [beta])
    report = publish_artists(lake.engine, [alpha], catalogue, store)
    assert (report.documents, store.count(), store.get(beta)) == (2, 2, None)
    assert catalogue.find("알파") == [alpha]
    everything = MemoryDocuments()
    publish_all(lake.engine, MemoryCatalogue(), everything)
    assert store.get(alpha) == everything.get(alpha)
    assert publish_artists(lake.engine, ["a' or 1=1"], catalogue, store).documents == 0


def test_publishing_again_writes_nothing(make_lake: MakeLake, tmp_path: Path) -> None:
    lake, catalogue = computed(make_lake), SqlCatalogue(f"sqlite:{tmp_path}/c.db")
    store, names = LmdbDocuments(tmp_path / "d"), MemoryNames()
    first = publish_all(lake.engine, catalogue, store, names=names)
    again = publish_all(lake.engine, catalogue, store, names=names)
    lake.connection.execute("update artist_profile set popularity = 51 where name = 'Alpha'")
    third = publish_all(lake.engine, catalogue, store, names=names)
    catalogue.close()
    store.close()
    assert [first.changes[name].written for name in ("documents", "names")] == [3, 3]
    assert list(again.changes.values()) == [Changes()] * 3
    assert third.changes == {
        "documents": Changes(written=1), "names": Changes(written=1), "catalogue": Changes(written=3)
    }  # fmt: skip


class Broken(MemoryDocuments):
    """A store that goes down when it is to be filled."""

    def replacing(self, *_: object, **__: object) -> NoReturn:
        raise Retryable("gone")


def test_when_one_store_cannot_be_filled_none_is_switched(make_lake: MakeLake) -> None:
    lake, catalogue, names = computed(make_lake), MemoryCatalogue(), MemoryNames()
    with pytest.raises(Retryable, match="gone"):
        publish_all(lake.engine, catalogue, Broken(), names=names)
    assert (catalogue.find("alpha"), names.find("alpha")) == ([], [])


def test_counts_that_do_not_agree_are_not_published(make_lake: MakeLake) -> None:
    lake, catalogue, store = computed(make_lake), MemoryCatalogue(), MemoryDocuments()
    publish_all(lake.engine, catalogue, store)
    lake.connection.execute("delete from artist_facts where name = 'Guest'")
    with pytest.raises(Fatal, match="documents holds 2 and should hold 3"):
        publish_all(lake.engine, catalogue, store)
    assert store.count() == 3
