"""The collaboration channel: songs that two artists made together. Pure.

The score is 1 - 2^-songs: every further song halves what is missing to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tunelake.similar.facts import Shared, Vectors


def together(shared: Sequence[Mapping[int, Shared]], rows: slice) -> Vectors:
    """Score some artists against all; 0 where there is no song of both."""
    some = shared[rows]
    scores = np.zeros((len(some), len(shared)))
    for place, others in enumerate(some):
        for other, made in others.items():
            scores[place, other] = 1.0 - 0.5**made.songs
    return scores
