"""Comparing artists by every channel, and keeping the nearest. Pure, exact, in bounded memory.

The channels are joined by noisy-or (Pearl, Probabilistic Reasoning in Intelligent Systems, 1988):
score = 1 - (1 - w_s * sound) * (1 - w_g * genres) * (1 - w_c * collaboration), where a weight is the
most that one kind of evidence can say alone. More evidence never lowers a score, and evidence that is
absent says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from tunelake.domain.cards import Reason
from tunelake.similar.collaboration import together
from tunelake.similar.facts import FEATURES, Facts, Vectors
from tunelake.similar.genres import Genres
from tunelake.similar.sound import Sound, closeness

Channel = Literal["sound", "genres", "collaboration"]
WEIGHTS: dict[Channel, float] = {"sound": 0.5, "genres": 0.7, "collaboration": 0.6}
"""The most that each channel can say alone."""

_CELLS = 100_000  # pairs compared at once: arrays of 0.8 MB stay in the cache
_DIGITS = 9  # scores equal to this many digits are a tie, whatever machine computed them


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    """One artist near another; `distance` is the baseline's, None where there is none."""

    entity_id: str
    other_entity_id: str
    rank: int
    score: float
    distance: float | None
    reasons: tuple[Reason, ...]


class _Scores(NamedTuple):
    """Some artists (rows) against all (columns)."""

    total: Vectors
    distance: Vectors
    by_channel: dict[Channel, Vectors]


class Comparison:
    """All artists of one source, ready to be compared."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._place = {entity: index for index, entity in enumerate(facts.entity_ids)}
        self._sound = Sound(facts.features)
        self._genres = Genres(facts.genres)

    def __contains__(self, entity_id: object) -> bool:
        return entity_id in self._place

    def nearest(self, entity_id: str, count: int) -> list[Similar]:
        """Find the artists nearest to one, nearest first: the same as `everyone` finds for it.

        Artists with nothing in common are not near, so there may be fewer than `count`, or none.
        An artist that has no facts has no neighbours.
        """
        place = self._place.get(entity_id)
        if place is None:
            return []
        return self._keep(place, 0, self._scores(slice(place, place + 1)), count)

    def everyone(self, count: int) -> Iterator[list[Similar]]:
        """Find the artists nearest to each artist, in the order of their ids."""
        total = len(self._place)
        step = max(1, _CELLS // max(1, total))
        for start in range(0, total, step):
            scores = self._scores(slice(start, min(start + step, total)))
            for row in range(len(scores.total)):
                yield self._keep(start + row, row, scores, count)

    def _scores(self, rows: slice) -> _Scores:
        distance = self._sound.distances(rows)
        by_channel: dict[Channel, Vectors] = {
            "sound": closeness(distance),
            "genres": self._genres.overlaps(rows),
            "collaboration": together(self._facts.shared, rows),
        }
        doubt = np.ones_like(distance)
        for channel, scores in by_channel.items():
            doubt *= 1.0 - WEIGHTS[channel] * scores
        return _Scores(np.round(1.0 - doubt, _DIGITS), distance, by_channel)

    def _keep(self, place: int, row: int, scores: _Scores, count: int) -> list[Similar]:
        kept = top(scores.total[row], place, count)
        return [self._similar(place, other, rank, row, scores) for rank, other in enumerate(kept, start=1)]

    def _similar(self, place: int, other: int, rank: int, row: int, scores: _Scores) -> Similar:
        distance = float(scores.distance[row, other])
        by_channel = {channel: float(of[row, other]) for channel, of in scores.by_channel.items()}
        said = sorted(
            (channel for channel, score in by_channel.items() if round(score, 3) > 0),
            key=lambda channel: -WEIGHTS[channel] * by_channel[channel],
        )
        return Similar(
            entity_id=self._facts.entity_ids[place],
            other_entity_id=self._facts.entity_ids[other],
            rank=rank,
            score=float(scores.total[row, other]),
            distance=None if np.isnan(distance) else round(distance, _DIGITS),
            reasons=tuple(
                Reason(channel=c, score=round(by_channel[c], 3), facts=self._evidence(c, place, other))
                for c in said
            ),
        )

    def _evidence(self, channel: Channel, one: int, other: int) -> tuple[str, ...]:
        if channel == "sound":
            return tuple(FEATURES[k] for k in self._sound.closest(one, other))
        if channel == "genres":
            return tuple(self._genres.in_common(one, other))
        return self._facts.shared[one][other].names


def top(scores: np.ndarray[tuple[int], np.dtype[np.float64]], itself: int, count: int) -> list[int]:
    """Pick the places of the greatest scores above 0, except one's own; of equal ones the first."""
    scores = scores.copy()
    scores[itself] = 0.0
    if count < len(scores):
        limit = np.partition(scores, -count)[-count]
        able = np.flatnonzero((scores >= limit) & (scores > 0))
    else:
        able = np.flatnonzero(scores > 0)
    best = able[np.argsort(-scores[able], kind="stable")]
    return [int(place) for place in best[:count]]
