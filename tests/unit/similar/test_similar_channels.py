from __future__ import annotations

import math

import numpy as np
import pytest

from tunelake.similar.compare import top
from tunelake.similar.evaluate import precision_at
from tunelake.similar.genres import Genres
from tunelake.similar.sound import Sound, closeness

NAN = math.nan
ALL = slice(None)


def test_the_distance_is_the_original_formula_where_everything_is_known() -> None:
    sound = Sound(np.array([[0.0, 0, -60, 0, 0, 0], [1, 0.5, 0, 0, 0, 0], [0.5, 1, -30, 0, 0, 0]]))
    assert sound.distances(ALL)[0, 1] == pytest.approx(math.sqrt(1 + 0.25 + 1))


def test_all_equal_artists_are_at_distance_zero() -> None:
    distances = Sound(np.full((3, 6), 0.4)).distances(ALL)
    assert distances.tolist() == [[0.0] * 3] * 3


def test_artists_are_compared_by_what_is_known_of_both_scaled_up() -> None:
    sound = Sound(np.array([[0.0, 0, 0, NAN, NAN, NAN], [1, 1, NAN, 1, NAN, NAN], [NAN] * 6]))
    distances = sound.distances(ALL)
    assert distances[0, 1] == pytest.approx(math.sqrt(2 * 6 / 2))
    assert np.isnan(distances[2]).all()
    assert closeness(distances)[2].tolist() == [0.0, 0.0, 0.0]


def test_features_that_tell_nobody_apart_are_named_last() -> None:
    sound = Sound(np.array([[0.5, 0.1, 0.9], [0.5, 0.2, 0.1], [0.5, 0.9, NAN]]))
    assert sound.closest(0, 1, count=3) == [1, 2, 0]
    assert sound.closest(0, 2, count=3) == [1, 0]


def test_a_rare_genre_in_common_counts_more_than_a_common_one() -> None:
    genres = Genres([("pop", "zeuhl"), ("zeuhl",), ("pop",), ("pop",), ("pop",), ()])
    overlaps = genres.overlaps(ALL)
    assert overlaps[0, 1] > overlaps[0, 2] > 0
    assert (overlaps[2, 3], overlaps[1, 2], overlaps[5].sum()) == (1.0, 0.0, 0.0)
    assert genres.in_common(0, 0) == ["zeuhl", "pop"]


@pytest.mark.parametrize(
    ("count", "kept"), [(1, [3]), (2, [3, 1]), (3, [3, 1, 4]), (4, [3, 1, 4]), (9, [3, 1, 4])]
)
def test_of_equal_scores_the_first_is_kept_and_nothing_in_common_is_not_near(
    count: int, kept: list[int]
) -> None:
    assert top(np.array([0.9, 0.5, 0.0, 0.7, 0.5]), 0, count) == kept


def test_precision_counts_empty_places_and_small_groups_fairly() -> None:
    groups = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y", "f": "alone"}
    near = {"a": ["b", "c"], "b": ["c", "d"], "c": ["d", "e"], "d": ["a"], "e": ["c"]}
    found = precision_at(2, near, groups)
    assert found.artists == 5
    assert found.precision == pytest.approx((1 + 0 + 1 + 0 + 0.5) / 5)
    assert found.by_chance == pytest.approx((2 * (2 * 1 / 5 / 1) + 3 * (2 * 2 / 5 / 2)) / 5)
    assert precision_at(2, {}, {"a": "x"}).artists == 0
