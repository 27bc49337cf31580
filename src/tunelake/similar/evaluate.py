"""Measuring neighbours against groups that are known to be true. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec


class Precision(msgspec.Struct, frozen=True):
    """How often neighbours are of the same group.

    Attributes:
        at: How many neighbours of each artist were looked at.
        artists: Artists measured: those whose group has another member.
        precision: Mean share of neighbours in the artist's own group; a place left empty counts as a miss,
            except where the group has no more members.
        by_chance: The same for neighbours drawn at random.
    """

    at: int
    artists: int
    precision: float
    by_chance: float


def precision_at(at: int, neighbours: Mapping[str, Sequence[str]], groups: Mapping[str, str]) -> Precision:
    """Compare neighbours (nearest first) with the planted group of each artist."""
    sizes = Counter(groups.values())
    measured = [artist for artist, group in groups.items() if sizes[group] > 1]
    if not measured:
        return Precision(at, 0, 0.0, 0.0)
    shares, by_chance = [], []
    for artist in measured:
        own, others = groups[artist], sizes[groups[artist]] - 1
        hits = sum(1 for other in neighbours.get(artist, ())[:at] if groups.get(other) == own)
        drawn = min(at, len(groups) - 1)
        shares.append(hits / min(at, others))
        by_chance.append(drawn * others / (len(groups) - 1) / min(at, others))
    return Precision(at, len(measured), sum(shares) / len(shares), sum(by_chance) / len(shares))
