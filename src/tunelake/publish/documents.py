"""From rows of the marts to documents. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeVar

import msgspec

from tunelake.domain.cards import ArtistDocument, Neighbour, Reason, Receipt, Release, TopTrack

Row = Mapping[str, Any]
Struct = TypeVar("Struct", bound=msgspec.Struct)

_FEATURES = ("danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness")
DIGITS = 9
"""Digits of a mean that a document has: the last ones depend on the order in which values were added."""
_reasons = msgspec.json.Decoder(tuple[Reason, ...])
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ArtistDocument).decode


class _Beside:
    """Rows ordered by artist, taken artist by artist beside another ordered stream."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._groups = groupby(rows, key=lambda row: row["entity_id"])
        self._next = next(self._groups, None)

    def of(self, entity_id: str) -> list[Row]:
        """Give the rows of an artist; asked for in ascending order."""
        while self._next and self._next[0] < entity_id:
            self._next = next(self._groups, None)
        return list(self._next[1]) if self._next and self._next[0] == entity_id else []


def documents(
    profiles: Iterable[Row],
    top_tracks: Iterable[Row],
    releases: Iterable[Row],
    neighbours: Iterable[Row],
    market: str,
) -> Iterator[ArtistDocument]:
    """Join the rows of each artist into its document. All rows are ordered by entity_id.

    Args:
        profiles: Mart artist_profile with the columns of artist_facts.
        top_tracks: Mart artist_top_tracks, ordered by rank within a market.
        releases: Mart discography, in the order to show.
        neighbours: Mart similar_artists with `name` and `image_url` of the other, ordered by rank.
        market: The market whose ranking is shown where there is one.
    """
    tracks, albums, near = _Beside(top_tracks), _Beside(releases), _Beside(neighbours)
    for profile in profiles:
        entity_id = profile["entity_id"]
        yield document(profile, tracks.of(entity_id), albums.of(entity_id), near.of(entity_id), market)


def document(
    profile: Row, top_tracks: list[Row], releases: list[Row], neighbours: list[Row], market: str
) -> ArtistDocument:
    """Make the document of one artist; see `documents`."""
    shown = _of_market(top_tracks, market)
    return ArtistDocument(
        entity_id=profile["entity_id"],
        source=profile["source"],
        artist_id=profile["artist_id"],
        name=profile["name"],
        aliases=tuple(profile["aliases"]),
        genres=tuple(profile["genres"]),
        popularity=profile["popularity"],
        followers=profile["followers"],
        country=profile["country"],
        url=profile["url"],
        image_url=profile["image_url"],
        features={name: round(profile[name], DIGITS) for name in _FEATURES if profile[name] is not None},
        top_kind="tracks" if shown and shown[0]["kind"] == "tracks" else "top_tracks",
        top_tracks=tuple(_pick(TopTrack, row) for row in shown),
        releases=tuple(_pick(Release, row) for row in releases),
        neighbours=tuple(_neighbour(row) for row in neighbours),
        collected=profile["collected"],
        receipt=Receipt(
            source=profile["source"],
            rights=profile["rights"] or "unknown",
            observed_at=profile["observed_at"],
            page_id=profile["page_id"] or "",
        ),
    )


def _of_market(rows: list[Row], market: str) -> list[Row]:
    """Keep one market's tracks: the wanted one's, else of the first in the alphabet."""
    markets = {row["market"] for row in rows}
    chosen = market if market in markets else min(markets, default="")
    return [row for row in rows if row["market"] == chosen]


def _pick(kind: type[Struct], row: Row) -> Struct:
    return kind(**{name: row[name] for name in kind.__struct_fields__})


def _neighbour(row: Row) -> Neighbour:
    return Neighbour(
        entity_id=row["other_entity_id"],
        name=row["name"],
        rank=row["rank"],
        score=row["score"],
        distance=row["distance"],
        reasons=_reasons.decode(row["reasons"]),
        image_url=row["image_url"],
    )


def genre_rows(profile: Row) -> list[tuple[Any, ...]]:
    """Make the rows of table `artist_genres` for one artist."""
    return [(profile["entity_id"], position, genre) for position, genre in enumerate(profile["genres"])]


def encoded(document: ArtistDocument) -> bytes:
    """Encode a document as every key-value store holds it; the same document gives the same bytes."""
    return _encode(document)


def decoded(text: bytes) -> ArtistDocument:
    """Read what `encoded` made."""
    return _decode(text)
