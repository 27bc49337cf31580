"""What artists of one source are compared by, taken from the marts by the rules on rights. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tunelake.domain.rights import allowed, refusal

if TYPE_CHECKING:
    import pyarrow as pa

FEATURES = ("danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness")
"""The audio features of the formula, in the order of the columns of `Facts.features`."""

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float64]]
"""One row an artist, one column a feature (or another artist); NaN where there is no value."""


class Shared(msgspec.Struct, frozen=True):
    """What two artists made together: how many songs, and the names of some."""

    songs: int
    names: tuple[str, ...]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one source; everything is in the order of `entity_ids`, which is ascending.

    Attributes:
        features: Mean features, NaN where unknown.
        genres: Genres of each artist, lower case, ascending, none twice.
        shared: For each artist, what it shares with others, by their place in `entity_ids`.
    """

    source: str
    entity_ids: tuple[str, ...]
    features: Vectors
    genres: tuple[tuple[str, ...], ...]
    shared: tuple[Mapping[int, Shared], ...]


class Gathered(msgspec.Struct, frozen=True):
    """Facts by source, and why anything was left out (sentences for people)."""

    facts: tuple[Facts, ...]
    left_out: tuple[str, ...]


def gather(
    artist_facts: pa.Table, profiles: pa.Table, collaborations: pa.Table, stated: Collection[str] = ()
) -> Gathered:
    """Take the facts that may be used to model, each source for itself: sources are never mixed.

    An artist known by its name only lends no sound: its few tracks are another artist's.

    Args:
        artist_facts: Mart of this name.
        profiles: `entity_id` and `genres` of mart artist_profile.
        collaborations: Mart of this name.
        stated: Rights the operator states to hold, "TAG:USE".
    """
    refused: Counter[tuple[str, str]] = Counter()
    rows = sorted(_permitted(artist_facts.to_pylist(), "artists", stated, refused), key=_entity)
    pairs = _permitted(collaborations.to_pylist(), "collaborations", stated, refused)
    genres = dict(zip(*(profiles.column(name).to_pylist() for name in ("entity_id", "genres")), strict=True))
    by_source: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    together: dict[str, list[dict[str, Any]]] = {}
    for pair in pairs:
        together.setdefault(pair["entity_id"], []).append(pair)
    return Gathered(
        tuple(_facts(source, of, genres, together) for source, of in sorted(by_source.items())),
        tuple(
            f"{count} {what} left out of the comparison: {refusal(tag, 'model')}"
            for (what, tag), count in sorted(refused.items())
        ),
    )


def _entity(row: Mapping[str, Any]) -> str:
    return str(row["entity_id"])


def _permitted(
    rows: Iterable[dict[str, Any]], what: str, stated: Collection[str], refused: Counter[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Keep rows all of whose rights ("tag+tag") allow it; count the others by each tag in the way."""
    kept = []
    barred: dict[str, list[str]] = {}  # few rights, many rows
    for row in rows:
        told = row["rights"]
        if told not in barred:
            barred[told] = [tag for tag in told.split("+") if not allowed(tag, "model", stated)]
        if not barred[told]:
            kept.append(row)
            continue
        refused.update((what, tag) for tag in barred[told])
    return kept


def _facts(
    source: str,
    rows: Sequence[dict[str, Any]],
    genres: Mapping[str, Sequence[str]],
    together: Mapping[str, Sequence[dict[str, Any]]],
) -> Facts:
    place = {row["entity_id"]: index for index, row in enumerate(rows)}
    features = np.array([_vector(row) for row in rows], dtype=np.float64)
    features[~np.isfinite(features)] = np.nan
    return Facts(
        source=source,
        entity_ids=tuple(place),
        features=features,
        genres=tuple(tuple(sorted({g.lower() for g in genres.get(entity) or ()})) for entity in place),
        shared=tuple(
            {
                place[pair["other_entity_id"]]: Shared(pair["shared_songs"], tuple(pair["songs"]))
                for pair in together.get(entity, ())
                if pair["other_entity_id"] in place
            }
            for entity in place
        ),
    )


def _vector(row: Mapping[str, Any]) -> list[float]:
    values = [row[name] if row["collected"] else None for name in FEATURES]
    return [np.nan if value is None else value for value in values]
