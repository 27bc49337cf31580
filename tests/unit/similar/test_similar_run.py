from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tunelake.mart.run import run_marts
from tunelake.similar.run import nearest, renew_similar, run_similar

MakeLake = Callable[..., Any]


def rows(rights: str = "all", **other: Any) -> dict[str, list[dict[str, Any]]]:
    """Four artists of two genres, with one track each."""
    artists = [("A", "pop", 0.1), ("B", "pop", 0.2), ("C", "jazz", 0.9), ("D", "jazz", 0.8)]
    tag = {"rights": rights, **other}
    return {
        "artists": [{"artist_id": a, "name": a, "popularity": 1, **tag} for a, _, _ in artists],
        "artist_genres": [{"artist_id": a, "genre": g, "position": 0, **tag} for a, g, _ in artists],
        "tracks": [{"track_id": f"t{a}", "name": f"Song {a}", **tag} for a, _, _ in artists],
        "track_artists": [
            *({"track_id": f"t{a}", "artist_id": a, **tag} for a, _, _ in artists),
            {"track_id": "tD", "artist_id": "A", **tag},
        ],
        "audio_features": [{"track_id": f"t{a}", "energy": e, **tag} for a, _, e in artists],
        "top_tracks": [
            {"artist_id": a, "market": "US", "track_id": f"t{a}", "rank": 1, **tag} for a, _, _ in artists
        ],
    }


def by_name(lake: Any) -> dict[tuple[str, str], Any]:
    name = {e: n for n, e in lake.mart("artist_profile", "name", "entity_id")}
    return {
        (name[one], name[other]): (rank, json.loads(reasons))
        for one, other, rank, reasons in lake.mart(
            "similar_artists", "entity_id", "other_entity_id", "rank", "reasons"
        )
    }


def test_neighbours_are_kept_with_their_reasons(make_lake: MakeLake) -> None:
    lake = make_lake(rows())
    run_marts(lake.engine)
    report = run_similar(lake.engine)
    found = by_name(lake)
    assert (report.artists, report.neighbours, report.alone, report.left_out) == (
        {"sandbox": 4},
        len(found),
        0,
        (),
    )
    rank, reasons = found["A", "B"]
    assert rank == 1
    assert {r["channel"]: r["facts"] for r in reasons} == {"sound": ["energy"], "genres": ["pop"]}
    assert {r["channel"]: r["facts"] for r in found["A", "D"][1]}["collaboration"] == ["Song D"]
    assert lake.marts["similar_artists"].num_rows == len(found)


def test_neighbours_of_artists_that_are_gone_are_gone(make_lake: MakeLake) -> None:
    lake = make_lake(rows())
    run_marts(lake.engine)
    run_similar(lake.engine)
    lake.connection.execute("delete from artists where artist_id = 'D'")
    run_marts(lake.engine)
    run_similar(lake.engine)
    assert not [pair for pair in by_name(lake) if "D" in pair]


def test_the_least_and_greatest_are_of_current_artists_only(make_lake: MakeLake) -> None:
    lake = make_lake(rows())
    run_marts(lake.engine)
    run_similar(lake.engine)
    before = lake.mart("similar_artists", "entity_id", "other_entity_id", "distance")
    # A track that stands for nobody any more, far outside everyone's range.
    lake.add({"audio_features": [{"track_id": "old", "energy": 99.0}]})
    run_marts(lake.engine)
    run_similar(lake.engine)
    assert lake.mart("similar_artists", "entity_id", "other_entity_id", "distance") == before


def test_content_without_the_right_is_left_out_and_named(make_lake: MakeLake) -> None:
    lake = make_lake(rows(rights="spotify", source="spotify"))
    run_marts(lake.engine)
    report = run_similar(lake.engine)
    assert (report.neighbours, report.artists) == (0, {})
    assert report.left_out[0].startswith(
        "4 artists left out of the comparison: content with rights 'spotify'"
    )
    assert "TUNELAKE_RIGHTS=spotify:model" in report.left_out[0]
    assert run_similar(lake.engine, stated=["spotify:model"]).neighbours > 0


def test_two_sources_are_never_compared(make_lake: MakeLake) -> None:
    lake = make_lake(rows())
    lake.add(rows(rights="owner", source="upload"))
    run_marts(lake.engine)
    report = run_similar(lake.engine)
    source = dict(lake.mart("artist_profile", "entity_id", "source"))
    pairs = lake.mart("similar_artists", "entity_id", "other_entity_id")
    assert report.artists == {"sandbox": 4, "upload": 4}
    assert all(source[one] == source[other] for one, other in pairs)


def test_one_artist_without_a_batch(make_lake: MakeLake) -> None:
    lake = make_lake(rows())
    run_marts(lake.engine)
    run_similar(lake.engine, count=2)
    for (entity_id,) in lake.mart("artist_profile", "entity_id"):
        kept = lake.mart("similar_artists", "entity_id", "rank", "other_entity_id")
        near = nearest(lake.engine, entity_id, count=2)
        assert [(s.rank, s.other_entity_id) for s in near] == [k[1:] for k in kept if k[0] == entity_id]
    assert nearest(lake.engine, "nobody") == []


def test_an_empty_lake_has_no_neighbours(make_lake: MakeLake) -> None:
    lake = make_lake({})
    run_marts(lake.engine)
    assert run_similar(lake.engine).neighbours == 0


def test_a_new_artist_and_those_near_to_it_get_neighbours_without_a_batch(make_lake: MakeLake) -> None:
    lake = make_lake(rows())
    run_marts(lake.engine)
    run_similar(lake.engine, count=2)
    new = {"artist_id": "E", "name": "E", "popularity": 1}
    lake.add({"artists": [new], "artist_genres": [{"artist_id": "E", "genre": "jazz", "position": 0}]})
    run_marts(lake.engine)
    report = renew_similar(lake.engine, [entity_of(lake, "E")], count=2)
    columns = ("entity_id", "rank", "other_entity_id", "score", "reasons")
    renewed = [row for row in lake.mart("similar_artists", *columns) if row[0] in report.changed]
    assert {name for name in "ABCDE" if entity_of(lake, name) in report.changed} == {"C", "D", "E"}
    assert lake.marts["similar_artists"].num_rows == 10
    run_similar(lake.engine, count=2)
    batch = [row for row in lake.mart("similar_artists", *columns) if row[0] in report.changed]
    assert renewed == batch


def test_renewing_drops_neighbours_that_are_gone_and_works_without_a_batch_before(
    make_lake: MakeLake,
) -> None:
    lake = make_lake(rows())
    run_marts(lake.engine)
    assert renew_similar(lake.engine, [entity_of(lake, "A")]).neighbours > 0
    run_similar(lake.engine)
    gone = entity_of(lake, "D")
    lake.connection.execute("delete from artists where artist_id = 'D'")
    run_marts(lake.engine)
    renew_similar(lake.engine, [gone])
    assert not [pair for pair in pairs_of(lake) if gone in pair]


def entity_of(lake: Any, name: str) -> str:
    return str(dict(lake.mart("artist_profile", "name", "entity_id"))[name])


def pairs_of(lake: Any) -> list[tuple[str, str]]:
    return list(lake.mart("similar_artists", "entity_id", "other_entity_id"))
