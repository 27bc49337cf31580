"""Similarity equals an independent computation, in plain Python, without arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunelake.similar.compare import WEIGHTS, Comparison, Similar
from tunelake.similar.facts import Facts, Shared
from tunelake.similar.sound import WIDTH

Vector = list[float | None]

# Few distinct values, so that ties, zero ranges and equal artists are common; some wild ones.
values = st.none() | st.sampled_from([0.0, 0.5, 1.0, -60.0]) | st.floats(-100, 100)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    count = draw(st.integers(1, 12))
    vectors = draw(
        st.lists(st.lists(values, min_size=6, max_size=6), min_size=count, max_size=count)
        | st.just([[0.3] * 6] * count)
    )
    genres = draw(st.lists(st.sets(st.sampled_from("abcde"), max_size=3), min_size=count, max_size=count))
    shared: list[dict[int, Shared]] = [{} for _ in range(count)]
    for one in range(count):
        for other in range(one):
            songs = draw(st.sampled_from([0, 0, 0, 1, 3]))
            if songs:
                shared[one][other] = shared[other][one] = Shared(songs, ("song",))
    return Facts(
        source="s",
        entity_ids=tuple(f"a{index:03}" for index in range(count)),
        features=np.array([[np.nan if v is None else v for v in vector] for vector in vectors]),
        genres=tuple(tuple(sorted(of)) for of in genres),
        shared=tuple(shared),
    )


def plain_distance(vectors: Sequence[Vector], one: int, other: int) -> float | None:
    total, known = 0.0, 0
    for k in range(6):
        a, b = vectors[one][k], vectors[other][k]
        if a is None or b is None:
            continue
        current = [v for vector in vectors if (v := vector[k]) is not None]
        low, high = min(current), max(current)
        if high > low:
            total += ((a - low) / (high - low) - (b - low) / (high - low)) ** 2
        known += 1
    return math.sqrt(total * 6 / known) if known else None


def plain_genres(genres: Sequence[Sequence[str]], one: int, other: int) -> float:
    tagged = sum(bool(of) for of in genres)

    def weight(names: set[str]) -> float:
        return sum(math.log(1 + tagged / sum(name in of for of in genres)) for name in names)

    a, b = set(genres[one]), set(genres[other])
    return weight(a & b) / weight(a | b) if a & b else 0.0


def plain_score(given: Facts, one: int, other: int) -> tuple[float, float | None]:
    vectors: list[Vector] = [[None if math.isnan(v) else v for v in row] for row in given.features.tolist()]
    distance = plain_distance(vectors, one, other)
    sound = 0.0 if distance is None else 1 / (1 + (distance / WIDTH) ** 2)
    made = given.shared[one].get(other)
    collaboration = 1 - 0.5**made.songs if made else 0.0
    score = 1 - (1 - WEIGHTS["sound"] * sound) * (
        1 - WEIGHTS["genres"] * plain_genres(given.genres, one, other)
    ) * (1 - WEIGHTS["collaboration"] * collaboration)
    return score, distance


def by_artist(given: Facts, count: int) -> Mapping[str, list[Similar]]:
    return dict(zip(given.entity_ids, Comparison(given).everyone(count), strict=True))


@given(facts(), st.integers(1, 15))
@settings(max_examples=150, deadline=None)
def test_scores_and_distances_equal_the_plain_computation(given: Facts, count: int) -> None:
    place = {entity: index for index, entity in enumerate(given.entity_ids)}
    for entity, near in by_artist(given, count).items():
        one = place[entity]
        scores = {o: plain_score(given, one, place[o]) for o in given.entity_ids if o != entity}
        for similar in near:
            score, distance = scores[similar.other_entity_id]
            assert similar.score == pytest.approx(score, abs=2e-9)
            assert (similar.distance is None) == (distance is None)
            assert similar.distance == (distance if distance is None else pytest.approx(distance, abs=1e-9))
        # The nearest are kept: nobody left out is nearer than the last one kept, and nobody near is lost.
        kept = {similar.other_entity_id for similar in near}
        left = [score for other, (score, _) in scores.items() if other not in kept]
        assert all(score <= min((s.score for s in near), default=0) + 2e-9 for score in left)
        assert len(near) == count or all(score < 2e-9 for score in left)


@given(facts(), st.integers(1, 15))
@settings(max_examples=100, deadline=None)
def test_one_artist_alone_gets_what_the_batch_gives(given: Facts, count: int) -> None:
    batch = by_artist(given, count)
    comparison = Comparison(given)
    for entity in given.entity_ids:
        assert comparison.nearest(entity, count) == batch[entity]


@given(facts())
@settings(max_examples=100, deadline=None)
def test_order_is_total_and_nobody_is_near_itself(given: Facts) -> None:
    for entity, near in by_artist(given, 20).items():
        assert [similar.rank for similar in near] == list(range(1, len(near) + 1))
        assert near == sorted(near, key=lambda s: (-s.score, s.other_entity_id))
        assert entity not in {similar.other_entity_id for similar in near}


@given(facts())
@settings(max_examples=60, deadline=None)
def test_nearness_is_mutual(given: Facts) -> None:
    found = by_artist(given, 20)
    scores = {(s.entity_id, s.other_entity_id): s.score for near in found.values() for s in near}
    assert all(scores[other, one] == score for (one, other), score in scores.items())
