"""The sound channel: the distance between mean audio features. Pure.

The baseline is the formula of the original system: each feature k is brought to 0..1 by
n_k = (v_k - min_k) / (max_k - min_k) over the current artists of the source, and
d(a, b) = sqrt(sum_k (n_k(a) - n_k(b))^2). Here a feature in which all artists are equal adds 0, and
two artists of whom only some features are known are compared by those, scaled up to all:
d = sqrt(K / |known to both| * sum over known to both). With nothing known to both there is no distance.
"""

from __future__ import annotations

import math

import numpy as np

from tunelake.similar.facts import Vectors

WIDTH = 0.2
"""The distance at which closeness is one half.

Among 1,249 real artists about 5 % of all pairs are nearer than this; half are farther than 0.5.
"""


def normalised(features: Vectors) -> Vectors:
    """Bring every feature to 0..1 over all rows; a feature without range is 0, an unknown one NaN."""
    low = np.fmin.reduce(features, axis=0, initial=np.inf)
    span = np.fmax.reduce(features, axis=0, initial=-np.inf) - low
    flat = ~(span > 0)
    return np.where(flat & ~np.isnan(features), 0.0, (features - low) / np.where(flat, 1.0, span))


class Sound:
    """Mean features of all artists of one source, ready to be compared."""

    def __init__(self, features: Vectors) -> None:
        points = normalised(features)
        known = ~np.isnan(points)
        self._points = np.where(known, points, 0.0)
        # None where every artist has the feature, which is the common case and the fast one.
        self._known = [None if known[:, k].all() else known[:, k] for k in range(points.shape[1])]
        self._telling = [bool(column.any()) for column in self._points.T]
        self._values: list[list[float]] = points.tolist()

    def distances(self, rows: slice) -> Vectors:
        """Measure some artists against all: baseline distances; NaN with nothing known to both."""
        total = np.zeros((len(self._points[rows]), len(self._points)))
        known = np.zeros_like(total)
        for k, has in enumerate(self._known):
            step = self._points[rows, k, None] - self._points[None, :, k]
            if has is None:
                known += 1.0
            else:
                both = has[rows, None] & has[None, :]
                known += both
                step *= both
            step *= step
            total += step
        with np.errstate(divide="ignore", invalid="ignore"):
            total *= len(self._known) / known
        return np.asarray(np.sqrt(total))

    def closest(self, one: int, other: int, count: int = 3) -> list[int]:
        """Name the features (by column) in which two artists are closest; first those that differ at all."""
        gaps = [abs(a - b) for a, b in zip(self._values[one], self._values[other], strict=True)]
        both = [k for k, gap in enumerate(gaps) if not math.isnan(gap)]
        return sorted(both, key=lambda k: (not self._telling[k], gaps[k], k))[:count]


def closeness(distance: Vectors) -> Vectors:
    """Turn distances into scores, 1 / (1 + (d / WIDTH)^2): 1 at distance 0, never 0 but without a distance.

    The order of the baseline stays as it is, and the nearest is found however far it is.
    """
    return np.nan_to_num(1.0 / (1.0 + (distance / WIDTH) ** 2), nan=0.0)
