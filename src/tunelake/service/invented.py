"""Thirty invented artists: to try the pages and to test them without collecting anything."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Final

import msgspec

from tunelake.domain.cards import ArtistDocument, Neighbour, Reason, Receipt, Release, TopTrack

_NAMES: Final = (
    ("Harbour Static", ("하버 스태틱",)),
    ("달빛정거장", ("Moonlight Station", "MLST")),
    ("Ólafs Vík", ("Olafs Vik",)),
    ("The Tidewater Clocks", ()),
    ("Nine Volt Orchard", ("9V Orchard",)),
    ("은하약국", ("Galaxy Pharmacy",)),
    ("S!lt", ("Silt",)),
    ("夜汽車クラブ", ("Yogisha Club", "Night Train Club")),
    ("Marta & the Long Division", ()),
    ("Kelp/Kelp", ()),
    ("Брусничный Шторм", ("Brusnichny Shtorm",)),
    ("O'Dell Quarry", ()),
    ("서른두번째비", ("32nd Rain",)),
    ("Plainsong Motorway", ()),
    ("La Hora Verde", ()),
    ("Twelve Foot Heron", ()),
    ("فانوس", ("Fanous",)),
    ("Sunday Ferryman", ()),
    ("물결연구소", ("Ripple Lab",)),
    ("Gravel Choir", ()),
    ("Ida Nordlys", ("Ida Nordlýs",)),
    ("Copper Weather", ()),
    ("Die Nachtfähre", ()),
    ("Low Bridge Radio", ()),
    ("초록우산합창단", ("Green Umbrella Choir",)),
    ("Papaya Theory", ()),
    ("Slow Lorry", ()),
    ("Estuary Kids", ()),
    ("Vermilion Post Office and the Very Late Evening Deliveries", ()),
    ("10km", ()),
)
_GENRES: Final = ("harbour pop", "k-indie", "dream folk", "slow electronica", "brass rock", "night jazz")
_FEATURES: Final = (
    "danceability", "energy", "valence", "acousticness", "instrumentalness", "liveness", "speechiness",
)  # fmt: skip
_WORDS: Final = (
    "Tide",
    "Lantern",
    "Glass",
    "North",
    "Signal",
    "모래",
    "Paper",
    "Engine",
    "봄밤",
    "Salt",
    "Window",
)
_OBSERVED: Final = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def artists() -> list[ArtistDocument]:
    """Return the invented artists, the same each time."""
    bare = [_artist(index) for index in range(len(_NAMES))]
    return [_with_neighbours(document, bare) for document in bare]


def entity_id(index: int) -> str:
    """Return the id of an invented artist by its place in the list."""
    return f"a{index:016x}"


def _artist(index: int) -> ArtistDocument:
    name, aliases = _NAMES[index]
    draw = random.Random(index)  # noqa: S311  (no secret)
    group = index % 3
    return ArtistDocument(
        entity_id=entity_id(index),
        source="sandbox",
        artist_id=f"invented{index:02d}",
        name=name,
        aliases=aliases,
        genres=tuple(_GENRES[(group * 2 + step) % len(_GENRES)] for step in range(1 + index % 3)),
        popularity=90 - index * 2,
        followers=9_876_543 // (index + 1),
        country=("KR", "IS", "GB", "JP", "BR")[index % 5],
        url=f"https://example.org/artists/{index}",
        features={
            **{name: round(min(1, max(0, draw.gauss(0.25 + group * 0.25, 0.15))), 3) for name in _FEATURES},
            "loudness": round(draw.uniform(-14, -4), 2),
            "tempo": round(draw.uniform(70, 160), 1),
        },
        top_tracks=tuple(_track(draw, rank) for rank in range(1, 11)),
        releases=tuple(_release(draw, index, number) for number in range(3 + draw.randrange(18))),
        receipt=Receipt(source="sandbox", rights="all", observed_at=_OBSERVED, page_id=f"{index:032x}"),
    )


def _track(draw: random.Random, rank: int) -> TopTrack:
    return TopTrack(
        track_id=f"t{draw.randrange(10**9)}",
        name=f"{draw.choice(_WORDS)} {draw.choice(_WORDS).lower()}",
        rank=rank,
        album=f"{draw.choice(_WORDS)} Hours",
        year=draw.randrange(2004, 2027),
        duration_ms=draw.randrange(120_000, 330_000),
        popularity=95 - rank * 6,
    )


def _release(draw: random.Random, index: int, number: int) -> Release:
    year = draw.randrange(2002 + index % 10, 2027)
    return Release(
        album_id=f"r{index}-{number}",
        name=f"{draw.choice(_WORDS)} {draw.choice(_WORDS).lower()}",
        kind=draw.choice(("album", "single", "single", "compilation")),
        date=draw.choice((f"{year}", f"{year}-05", f"{year}-05-21")),
        tracks=draw.randrange(1, 16),
    )


def _with_neighbours(document: ArtistDocument, everyone: list[ArtistDocument]) -> ArtistDocument:
    scored = [(_alike(document, other), other) for other in everyone if other is not document]
    scored.sort(key=lambda pair: (-pair[0], pair[1].entity_id))
    near = tuple(
        Neighbour(
            entity_id=other.entity_id,
            name=other.name,
            rank=rank,
            score=round(score, 4),
            distance=round(1 - score, 4),
            reasons=_reasons(document, other, score),
        )
        for rank, (score, other) in enumerate(scored[:12], 1)
    )
    return msgspec.structs.replace(document, neighbours=near)


def _alike(one: ArtistDocument, other: ArtistDocument) -> float:
    gaps = [abs(one.features[name] - other.features[name]) for name in _FEATURES]
    return 1 - sum(gaps) / len(gaps)


def _reasons(one: ArtistDocument, other: ArtistDocument, score: float) -> tuple[Reason, ...]:
    closest = sorted(_FEATURES, key=lambda name: abs(one.features[name] - other.features[name]))[:2]
    reasons = [Reason(channel="sound", score=round(score * 0.9, 4), facts=tuple(closest))]
    shared = tuple(genre for genre in one.genres if genre in other.genres)
    if shared:
        reasons.append(Reason(channel="genres", score=min(1.0, 0.45 * len(shared)), facts=shared))
    if (int(one.artist_id[-2:]) + int(other.artist_id[-2:])) % 7 == 0:
        reasons.append(Reason(channel="collaboration", score=0.95, facts=("Lantern north",)))
    return tuple(reasons)
