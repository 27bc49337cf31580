"""The facts: well formed, and found under every name."""

from __future__ import annotations

import pytest

from tunelake.sandbox.catalogue import Query
from tunelake.sandbox.facts.facts import facts_catalogue
from tunelake.sandbox.facts.read import read_facts
from tunelake.sandbox.genres import PARENT, TREE, root_of
from tunelake.sandbox.memory import MemoryCatalogue
from tunelake.sandbox.names import exactness, key, matches, words
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.sound import features_of

FACTS = read_facts()


@pytest.fixture(scope="module")
def catalogue() -> MemoryCatalogue:
    return facts_catalogue()


def test_there_are_many_from_many_countries() -> None:
    assert len(FACTS) >= 150
    assert len({fact.country for fact in FACTS}) >= 60
    assert len({fact.name for fact in FACTS}) == len(FACTS)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_a_fact_is_well_formed(fact: object) -> None:
    one = next(known for known in FACTS if known is fact)
    assert set(one.genres) <= set(PARENT)
    assert one.since is None or 1900 < one.since < 2026
    names = {known.name for known in FACTS}
    for album in one.albums:
        assert one.since is None or one.since <= album.year < 2026
        titles = [song if isinstance(song, str) else song[0] for song in album.songs]
        assert len(set(titles)) == len(titles) > 0
        assert {guest for song in album.songs if not isinstance(song, str) for guest in song[1:]} <= names


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("BTS", "BTS"),
        ("방탄소년단", "BTS"),
        ("Bangtan Boys", "BTS"),
        ("ｂｔｓ", "BTS"),
        ("에스파", "aespa"),
        ("샤이니", "SHINee"),
        ("bjork", "Björk"),
        ("Pink", "P!nk"),
        ("P!nk", "P!nk"),
        ("米津玄師", "Kenshi Yonezu"),
        ("the the", "The The"),
        ("!!!", "!!!"),
        ("10CC", "10cc"),
        ("Guns N’ Roses", "Guns N' Roses"),
        ("acdc", "AC/DC"),
        ("SIGUR ROS", "Sigur Rós"),
        ("motorhead", "Motörhead"),
        ("아이유", "IU"),
        ("Kino", "Кино"),
        ("فيروز", "Fairuz"),
        ("세븐틴", "SEVENTEEN"),
        ("레드벨벳", "Red Velvet"),
        ("레드 벨벳", "Red Velvet"),
        ("Zemfira", "Земфира"),
        ("ЗЕМФИРА", "Земфира"),
        ("ed sheeran", "Ed Sheeran"),
        ("DRAKE", "Drake"),
        ("dua lipa", "Dua Lipa"),
        ("Gilberto Gil", "Gilberto Gil"),
        ("pearl jam", "Pearl Jam"),
        ("son tung m-tp", "Sơn Tùng M-TP"),
        ("林俊杰", "JJ Lin"),
    ],
)
def test_any_name_finds_the_artist_first(asked: str, name: str) -> None:
    served = open_catalogue(artists=200, seed=11, directory=None)
    first = served.artist(served.search("artist", Query(text=asked), offset=0, limit=1).ids[0])
    assert first is not None
    assert first.name == name


def test_collaborations_are_on_both_pages(catalogue: MemoryCatalogue) -> None:
    halsey = catalogue.search("artist", Query(text="Halsey"), offset=0, limit=1).ids[0]
    groups = {group for _, group in catalogue.albums_of(halsey)}
    assert groups == {"album", "appears_on"}
    found = catalogue.search("track", Query(text="boy with luv halsey"), offset=0, limit=5)
    track = catalogue.track(found.ids[0])
    assert track is not None
    assert halsey in track.artist_ids


def test_the_label_says_what_is_generated(catalogue: MemoryCatalogue) -> None:
    assert "generated" in catalogue.about.label


def test_every_root_has_a_sound_of_its_own() -> None:
    sounds = {root: features_of("x", genre=root, artist_key=1, track_key=2, duration_ms=1) for root in TREE}
    assert len({(one.danceability, one.energy, one.tempo) for one in sounds.values()}) == len(TREE)
    assert root_of("shoegaze") == "rock"
    assert root_of("no such thing") == "pop"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("AC/DC", "acdc"),
        ("Sigur Rós", "sigurros"),
        ("Ｈｅｌｌｏ", "hello"),
        ("Guns N’ Roses", "gunsnroses"),
        ("!!!", "!!!"),
        ("Røyksopp & Łódź", "royksopplodz"),
        ("أُمّ", "ام"),
        ("カﾞ", "ガ"),
        ("", ""),
    ],
)
def test_names_fold(text: str, folded: str) -> None:
    assert key(text) == folded


def test_words_match_by_their_beginning_and_unspaced_scripts_anywhere() -> None:
    assert matches("rad", "Radiohead")
    assert not matches("head", "Radiohead")
    assert matches("소년", "방탄소년단")
    assert matches("玄師", "米津玄師")
    assert not matches("", "anything")
    assert not matches("daft pink", "Daft Punk")
    assert words("...") == ("...",)
    assert [exactness("BTS", (one,)) for one in ("bts", "B.T.S", "BTSX")] == [0, 1, 2]
