"""The map of similar artists: who stands where. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import quote

import msgspec

from tunelake.domain.cards import ArtistDocument, Neighbour

_FIRST: Final = 14  # similar artists shown
_SECOND: Final = 2  # of each, those similar to it
_ORDER: Final = {"sound": 0, "genres": 1, "collaboration": 2}


class Node(msgspec.Struct, frozen=True):
    """An artist at a place; the artist asked for is at (0, 0)."""

    id: str
    label: str
    x: float
    y: float
    size: float
    role: str
    href: str


class Edge(msgspec.Struct, frozen=True):
    """Two similar artists and the strongest reason."""

    source: str
    target: str
    channel: str
    weight: float


class Graph(msgspec.Struct, frozen=True):
    """Everything the browser draws."""

    nodes: list[Node]
    edges: list[Edge]


def around(document: ArtistDocument, known: Sequence[ArtistDocument]) -> Graph:
    """Place the similar artists around one: nearer is more similar, alike reasons side by side.

    Args:
        document: The artist in the middle.
        known: Documents of its similar artists; those add the ring outside and the links between.
    """
    first = sorted(document.neighbours[:_FIRST], key=lambda near: (_ORDER[strongest(near)], -near.score))
    ids = {document.entity_id, *(other.entity_id for other in known)}

    def node(near: Neighbour, place: tuple[float, float], size: float, role: str) -> Node:
        return Node(near.entity_id, near.name, *place, size, role, address(near.entity_id, near.name, ids))

    own = address(document.entity_id, document.name, ids)
    nodes = {document.entity_id: Node(document.entity_id, document.name, 0.0, 0.0, 18.0, "centre", own)}
    edges: dict[frozenset[str], Edge] = {}
    angles: dict[str, float] = {}
    depth = _depths([near.score for near in first])
    for index, near in enumerate(first):
        angle = 2 * math.pi * index / max(1, len(first)) - math.pi / 2
        angles[near.entity_id] = angle
        place = _at(angle, depth[near.score])
        nodes[near.entity_id] = node(near, place, 14 - 6 * depth[near.score], "near")
        _link(edges, document.entity_id, near)
    for other in known:
        if other.entity_id not in angles:
            continue
        placed = 0
        for near in other.neighbours:
            if near.entity_id in nodes:
                if near.entity_id != document.entity_id:
                    _link(edges, other.entity_id, near)
            elif placed < _SECOND:
                turn = (placed - (_SECOND - 1) / 2) * 0.22
                place = _at(angles[other.entity_id] + turn, 1.22 + 0.07 * placed)
                nodes[near.entity_id] = node(near, place, 3.5, "far")
                _link(edges, other.entity_id, near)
                placed += 1
    return Graph(list(nodes.values()), list(edges.values()))


def address(entity_id: str, name: str, known: Collection[str]) -> str:
    """Return where an artist is shown; who has no page yet is asked for by name."""
    return f"/artists/{quote(entity_id)}" if entity_id in known else f"/ask?q={quote(name)}"


def strongest(near: Neighbour) -> str:
    """Return the kind of evidence that weighs most; sound where there is none at all."""
    if not near.reasons:
        return "sound"
    return max(near.reasons, key=lambda reason: reason.score).channel


def _depths(scores: Sequence[float]) -> dict[float, float]:
    """Spread scores over the map, nearest first: between alike neighbours small differences count."""
    low, high = min(scores, default=0.0), max(scores, default=1.0)
    width = high - low or 1.0
    return {score: 0.46 + 0.54 * (high - score) / width for score in scores}


def _at(angle: float, radius: float) -> tuple[float, float]:
    return round(math.cos(angle) * radius, 4), round(math.sin(angle) * radius, 4)


def _link(edges: dict[frozenset[str], Edge], source: str, near: Neighbour) -> None:
    pair = frozenset({source, near.entity_id})
    if len(pair) > 1:
        edges.setdefault(pair, Edge(source, near.entity_id, strongest(near), near.score))
