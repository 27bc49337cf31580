"""The genres channel: how much of two artists' genres is the same, rare genres counting more. Pure.

Weighted Jaccard: the weight of the genres of both over the weight of the genres of either, where a genre
weighs log(1 + artists with genres / artists with this genre) (inverse document frequency, Sparck Jones 1972).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tunelake.similar.facts import Vectors


class Genres:
    """Genres of all artists of one source, ready to be compared."""

    def __init__(self, genres: Sequence[Sequence[str]]) -> None:
        self._genres = genres
        holders: dict[str, list[int]] = {}
        for index, of in enumerate(genres):
            for genre in of:
                holders.setdefault(genre, []).append(index)
        tagged = sum(1 for of in genres if of)
        self._holders = {genre: np.array(indexes) for genre, indexes in holders.items()}
        self.weights = {g: float(np.log1p(tagged / len(indexes))) for g, indexes in holders.items()}
        self._totals = np.array([sum(self.weights[genre] for genre in of) for of in genres])

    def overlaps(self, rows: slice) -> Vectors:
        """Score some artists against all: 0 with nothing in common, 1 with the same genres."""
        both = np.zeros((len(self._totals[rows]), len(self._totals)))
        for place, of in enumerate(self._genres[rows]):
            for genre in of:
                both[place, self._holders[genre]] += self.weights[genre]
        either = self._totals[rows, None] + self._totals[None, :] - both
        return np.asarray(np.divide(both, either, out=np.zeros_like(both), where=both > 0))

    def in_common(self, one: int, other: int) -> list[str]:
        """Name the genres of both, the rarest first."""
        both = set(self._genres[one]) & set(self._genres[other])
        return sorted(both, key=lambda genre: (-self.weights[genre], genre))
