"""The plots as Vega-Lite specifications; colours and fonts are the page's. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from tunelake.domain.cards import ArtistDocument, Release
from tunelake.service import words
from tunelake.service.app.labels import Labels
from tunelake.service.question import Language

Spec = dict[str, Any]

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
_KINDS: Final = ("album", "single", "ep", "compilation", "appears_on")
# Feature to the ends of its scale; all but these two are shares from 0 to 1.
_SCALES: Final = {"loudness": (-60.0, 0.0), "tempo": (40.0, 220.0)}
_SHOWN: Final = (
    "danceability",
    "energy",
    "valence",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
    "loudness",
    "tempo",
)


def year_of(release: Release) -> int | None:
    """Return the year of a release, None when its date is missing or no date."""
    head = (release.date or "")[:4]
    return int(head) if len(head) == 4 and head.isascii() and head.isdigit() else None  # noqa: PLR2004  (a year)


def timeline(releases: Sequence[Release], labels: Labels) -> Spec | None:
    """Return the releases as dots piled up by year; None when no release has a year."""
    height: Counter[int] = Counter()
    values: list[dict[str, Any]] = []
    for release in sorted(releases, key=lambda r: (r.date or "", _rank(r.kind), r.name)):
        year = year_of(release)
        if year is None:
            continue
        height[year] += 1
        values.append(
            {
                "year": year,
                "pile": height[year],
                "name": release.name,
                "kind": labels(release.kind),
                "date": release.date,
            }
        )
    if not values:
        return None
    first, last = min(height), max(height)
    tallest = max(height.values())
    kinds = [labels(kind) for kind in sorted({r.kind for r in releases}, key=_rank)]
    return {
        "$schema": _SCHEMA,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "height": min(280, 44 + tallest * 20),
        "data": {"values": values},
        "mark": {"type": "circle", "size": 150, "opacity": 0.92},
        "encoding": {
            "x": {
                "field": "year",
                "type": "quantitative",
                "scale": {"domain": [first - 0.8, last + 0.8], "nice": False, "zero": False},
                "axis": {"format": "d", "title": None, "grid": False, "tickMinStep": 1, "labelFlush": False},
            },
            "y": {
                "field": "pile",
                "type": "quantitative",
                "scale": {"domain": [0.3, tallest + 0.7], "nice": False, "zero": False},
                "axis": None,
            },
            "color": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": kinds},
                "legend": {"title": None, "orient": "top"},
            },
            "tooltip": [{"field": "name", "title": " "}, {"field": "date", "title": "  "}],
        },
    }


def sound(document: ArtistDocument, others: Sequence[ArtistDocument], language: Language) -> Spec | None:
    """Return the artist's mean features beside those of similar artists; None without features."""
    shown = [name for name in _SHOWN if name in document.features]
    if not shown:
        return None
    labels = Labels(language)
    values = [
        {
            "feature": words.feature(name, language),
            "value": round(_share(name, artist.features[name]), 4),
            "said": f"{artist.name}: {artist.features[name]:.2f}",
            "who": labels("artist" if artist is document else "neighbours"),
        }
        for artist in (*others, document)
        for name in shown
        if name in artist.features
    ]
    who = [labels("artist"), labels("neighbours")]
    y = {
        "field": "feature",
        "type": "nominal",
        "sort": [words.feature(name, language) for name in shown],
        "axis": {"title": None, "ticks": False, "domain": False, "grid": True, "labelLimit": 130},
    }
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"title": None, "grid": False, "values": [0, 0.25, 0.5, 0.75, 1], "format": ".0%"},
    }
    colour = {
        "field": "who",
        "type": "nominal",
        "scale": {"domain": who},
        "legend": {"title": None, "orient": "top"},
    }
    tip = [{"field": "said", "title": " "}]
    return {
        "$schema": _SCHEMA,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "height": {"step": 34},
        "data": {"values": values},
        "encoding": {"y": y, "x": x, "color": colour, "tooltip": tip},
        "layer": [
            {
                "transform": [{"filter": {"field": "who", "equal": who[1]}}],
                "mark": {"type": "tick", "thickness": 2, "size": 16, "opacity": 0.55},
            },
            {
                "transform": [{"filter": {"field": "who", "equal": who[0]}}],
                "mark": {"type": "circle", "size": 190, "opacity": 1},
            },
        ],
    }


def _share(name: str, value: float) -> float:
    low, high = _SCALES.get(name, (0.0, 1.0))
    return max(0.0, min(1.0, (value - low) / (high - low)))


def _rank(kind: str) -> int:
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
