"""The sound channel: the distance between mean audio features. Pure.

The baseline is the formula of the original system: each feature k is brought to 0..1 by
n_k = (v_k - min_k) / (max_k - min_k) over the current artists of the source, and
d(a, b) = sqrt(sum_k (n_k(a) - n_k(b))^2). Here a feature in which all artists are equal adds 0, and
two artists of whom only some features are known are compared by those, scaled up to all:
d = sqrt(K / |known to both| * sum over known to both). With nothing known to both there is no distance.
"""

from __future__ import annotations

import numpy as np

from tunelake.similar.facts import Vectors

WIDTH = 0.35
"""The distance at which closeness has fallen to exp(-1/2), about 0.61."""


def normalised(features: Vectors) -> Vectors:
    """Bring every feature to 0..1 over all rows; a feature without range is 0, an unknown one NaN."""
    low = np.fmin.reduce(features, axis=0, initial=np.inf)
    span = np.fmax.reduce(features, axis=0, initial=-np.inf) - low
    flat = ~(span > 0)
    return np.where(flat & ~np.isnan(features), 0.0, (features - low) / np.where(flat, 1.0, span))


def distances(points: Vectors, rows: slice) -> Vectors:
    """Baseline distances from some rows of normalised points to all; NaN with nothing known to both."""
    some = points[rows]
    total = np.zeros((len(some), len(points)))
    known = np.zeros_like(total)
    for k in range(points.shape[1]):
        step = some[:, k, None] - points[None, :, k]
        both = ~np.isnan(step)
        known += both
        total += np.where(both, step, 0.0) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(total * points.shape[1] / known))


def closeness(distance: Vectors) -> Vectors:
    """Turn distances into scores: 1 at distance 0, falling like a bell; 0 without a distance."""
    return np.nan_to_num(np.exp(-0.5 * (distance / WIDTH) ** 2), nan=0.0)


def closest(points: Vectors, one: int, other: int, count: int = 3) -> list[int]:
    """Name the features (by column) in which two artists are closest; those that tell artists apart first."""
    gaps = np.abs(points[one] - points[other])
    telling = np.fmax.reduce(points, axis=0, initial=0.0) > 0
    known = [k for k in range(points.shape[1]) if not np.isnan(gaps[k])]
    return sorted(known, key=lambda k: (not telling[k], gaps[k], k))[:count]
