"""Who is who over sources: what joins, how sure, and what must never join."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.mart.test_models import entity

from tunelake.errors import Fatal
from tunelake.mart.run import run_marts

MB = {"source": "musicbrainz", "rights": "cc0"}
LB = {"source": "listenbrainz", "rights": "cc0"}


def artist(artist_id: str, name: str, **other: Any) -> dict[str, Any]:
    return {"artist_id": artist_id, "name": name, **other}


def link(mbid: str, spotify_id: str, **other: Any) -> dict[str, Any]:
    url = f"https://open.spotify.com/artist/{spotify_id}"
    return {"artist_id": mbid, "url": url, "site": "spotify", "target_id": spotify_id, **MB, **other}


def identities(lake: Any) -> dict[tuple[str, str], tuple[str, str, float, bool]]:
    run_marts(lake.engine)
    rows = lake.mart("identity", "source", "id", "entity_id", "method", "confidence", "is_main")
    return {row[:2]: row[2:] for row in rows}


def test_a_link_joins_and_the_id_known_before_stays(make_lake: Callable[..., Any]) -> None:
    lake = make_lake({
        "artists": [artist("A", "BTS"), artist("m", "방탄소년단", **MB), artist("m", "BTS", **LB)],
        "artist_urls": [link("m", "A")],
    })  # fmt: skip
    found = identities(lake)
    assert found["sandbox", "A"] == (entity("A"), "source id", 1.0, True)
    assert found["musicbrainz", "m"] == (entity("A"), "musicbrainz url relation", 1.0, False)
    assert found["listenbrainz", "m"] == (entity("A"), "same mbid, musicbrainz url relation", 1.0, False)


def test_a_link_that_has_ended_does_not_join(make_lake: Callable[..., Any]) -> None:
    lake = make_lake({
        "artists": [artist("A", "Alpha"), artist("m", "Beta", **MB)],
        "artist_urls": [link("m", "A", ended=True)],
    })  # fmt: skip
    assert identities(lake)["musicbrainz", "m"] == (entity("m", "musicbrainz"), "source id", 1.0, True)


def test_open_sources_know_each_other_without_anybody_else(make_lake: Callable[..., Any]) -> None:
    lake = make_lake({"artists": [artist("m", "x", **MB), artist("m", "x", **LB), artist("n", "y", **LB)]})
    found = identities(lake)
    own = entity("m", "musicbrainz")
    assert found["listenbrainz", "m"] == (own, "same mbid", 1.0, False)
    assert found["musicbrainz", "m"][0] == own
    # The id is that which MusicBrainz's row will have when it comes.
    assert found["listenbrainz", "n"] == (entity("n", "musicbrainz"), "source id", 1.0, True)


def codes(shared: int, *, name: str = "Alpha", position: int = 0) -> dict[str, list[dict[str, Any]]]:
    numbers = range(shared)
    return {
        "artists": [artist("A", name), artist("m", "Alpha", **MB)],
        "tracks": [{"track_id": f"T{n}", "isrc": f"I{n}"} for n in numbers],
        "track_artists": [
            *({"track_id": f"T{n}", "artist_id": "A", "position": position} for n in numbers),
            *({"track_id": f"R{n}", "artist_id": "m", "position": 0, **MB} for n in numbers),
        ],
        "track_isrcs": [{"track_id": f"R{n}", "isrc": f"I{n}", **MB} for n in numbers],
    }


@pytest.mark.parametrize(("shared", "name", "position", "joined"), [
    (1, "ALPHA ", 1, 0.95),
    (3, "Other", 0, 0.8),
    (2, "Other", 0, None),
    (5, "Other", 1, None),  # always the guest on the same songs: somebody else
])  # fmt: skip
def test_codes_join_with_the_name_or_with_the_place(
    make_lake: Callable[..., Any], shared: int, name: str, position: int, joined: float | None
) -> None:
    found = identities(make_lake(codes(shared, name=name, position=position)))["musicbrainz", "m"]
    if joined is None:
        assert found[0] == entity("m", "musicbrainz")
    else:
        assert found == (entity("A"), "isrc overlap", joined, False)


def test_a_name_joins_only_where_one_artist_alone_has_it(make_lake: Callable[..., Any]) -> None:
    alone = identities(make_lake({"artists": [artist("A", "Alpha"), artist("m", "alpha", **MB)]}))
    assert alone["musicbrainz", "m"] == (entity("A"), "same name, of one artist alone", 0.5, False)
    two = [artist("A", "Alpha"), artist("B", "Alpha"), artist("m", "alpha", **MB)]
    assert identities(make_lake({"artists": two}))["musicbrainz", "m"][3] is True
    others = [artist("A", "Alpha"), artist("m", "alpha", **MB), artist("n", "Alpha", **MB)]
    assert identities(make_lake({"artists": others}))["musicbrainz", "m"][3] is True


def test_two_links_to_one_page_join_one_artist(make_lake: Callable[..., Any]) -> None:
    lake = make_lake({
        "artists": [artist("A", "Alpha"), artist("m", "x", **MB), artist("n", "y", **MB)],
        "artist_urls": [link("m", "A"), link("n", "A")],
    })  # fmt: skip
    found = identities(lake)
    assert [found["musicbrainz", one][3] for one in "mn"] == [False, True]


def test_a_joined_artist_is_one_line_with_the_names_of_all(make_lake: Callable[..., Any]) -> None:
    lake = make_lake({
        "artists": [artist("A", "BTS", popularity=90), artist("m", "BTS", country="KR", **MB)],
        "artist_urls": [link("m", "A")],
        "artist_aliases": [{"artist_id": "m", "alias": "방탄소년단", "confidence": 1.0, **MB}],
        "artist_genres": [{"artist_id": "m", "genre": "k-pop", "source": "musicbrainz",
                           "rights": "musicbrainz-nc"}],
        "albums": [{"album_id": "L", "name": "WINGS"}, {"album_id": "g", "name": "WINGS", **MB}],
        "album_artists": [{"album_id": "L", "artist_id": "A"}, {"album_id": "g", "artist_id": "m", **MB}],
        "track_artists": [{"track_id": "T", "artist_id": "A"}, {"track_id": "r", "artist_id": "m", **MB}],
        "top_tracks": [{"artist_id": "m", "market": "", "track_id": "r", "rank": 1, **LB}],
    })  # fmt: skip
    run_marts(lake.engine)
    assert lake.mart("artist_profile", "entity_id", "popularity", "aliases", "source") == [
        (entity("A"), 90, ["방탄소년단"], "sandbox")
    ]
    # Rights of what is not taken from the other source do not spread.
    assert lake.mart("artist_facts", "entity_id", "rights") == [(entity("A"), "all")]
    assert lake.mart("discography", "album_id") == [("L",)]
    assert lake.mart("artist_tracks", "track_id", "basis") == [("T", "tracks")]


def test_two_ids_that_stand_for_one_entity_fail_the_check(make_lake: Callable[..., Any]) -> None:
    lake = make_lake({"artists": [artist("A", "x"), artist("A", "x")]})
    with pytest.raises(Fatal, match="identity"):
        run_marts(lake.engine)
