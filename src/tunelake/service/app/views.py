"""What the pages show, ready for the templates. Pure but for reading documents."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import msgspec

from tunelake.domain.cards import ArtistDocument, Release
from tunelake.service import words
from tunelake.service.answer import Answer, Answerer
from tunelake.service.app import figures, graph, ripples
from tunelake.service.app.labels import Labels
from tunelake.service.question import Language

_NEIGHBOURS = 14  # on the map and in the plot
_LISTED = 10


class TrackRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of tracks."""

    rank: int
    name: str
    where: str
    duration: str
    popularity: int | None
    url: str | None


class SimilarRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of similar artists."""

    rank: int
    name: str
    href: str
    percent: int
    reasons: list[tuple[str, str]]
    picture: str


class ReleaseYear(msgspec.Struct, frozen=True, kw_only=True):
    """The releases of one year."""

    year: str
    releases: list[tuple[str, str, str]]


class ArtistView(msgspec.Struct, frozen=True, kw_only=True):
    """One artist's page."""

    answer: Answer
    document: ArtistDocument
    picture: str
    url: str | None
    followers: str
    followers_exact: str
    tracks: list[TrackRow]
    similar: list[SimilarRow]
    years: list[ReleaseYear]
    feature_rows: list[tuple[str, str]]
    observed: str
    figures: dict[str, Any]


def artist(answerer: Answerer, entity_id: str, language: Language) -> ArtistView | None:
    """Return the page of an artist, None when there is no such artist."""
    answer = answerer.card(entity_id, language)
    if answer is None or answer.document is None:
        return None
    document = answer.document
    known = answerer.documents_of([near.entity_id for near in document.neighbours[:_NEIGHBOURS]])
    labels = Labels(language)
    return ArtistView(
        answer=answer,
        document=document,
        picture=ripples.picture(document.name),
        url=None if made_up(document) else _link(document.url),
        followers=words.compact(document.followers, language),
        followers_exact=words.count(document.followers),
        tracks=_tracks(document),
        similar=_similar(document, {other.entity_id for other in known}, language),
        years=_years(document.releases, labels),
        feature_rows=[
            (words.feature(name, language), f"{value:.2f}") for name, value in document.features.items()
        ],
        observed=f"{document.receipt.observed_at:%Y-%m-%d %H:%M} UTC" if document.receipt else "–",
        figures=_figures(document, known, language),
    )


def made_up(document: ArtistDocument) -> bool:
    """Whether the ids are the sandbox's own invention: at the real service nothing is at its links."""
    return document.source == "sandbox" and (document.receipt is None or document.receipt.rights == "all")


def _link(url: str | None) -> str | None:
    return url if (url or "").startswith(("https://", "http://")) else None


def examples(answerer: Answerer) -> list[str]:
    """Return names to try: those that are collected, else the best known."""
    names = ("BTS", "에스파", "Björk", "Sigur Rós", "AC/DC", "米津玄師")
    return [name for name in names if answerer.suggest(name, 1)] or list(names[:3])


def _figures(document: ArtistDocument, known: list[ArtistDocument], language: Language) -> dict[str, Any]:
    labels = Labels(language)
    drawn: dict[str, Any] = {
        "timeline": figures.timeline(document.releases, labels),
        "sound": figures.sound(document, known, language),
        "map": msgspec.to_builtins(graph.around(document, known)) if document.neighbours else None,
    }
    return {name: figure for name, figure in drawn.items() if figure is not None}


def _tracks(document: ArtistDocument) -> list[TrackRow]:
    return [
        TrackRow(
            rank=rank,
            name=track.name,
            where=" · ".join(str(part) for part in (track.album, track.year) if part),
            duration=words.duration(track.duration_ms),
            popularity=track.popularity,
            url=None if made_up(document) else _link(track.url),
        )
        for rank, track in enumerate(document.top_tracks, 1)
    ]


def _similar(document: ArtistDocument, known: set[str], language: Language) -> list[SimilarRow]:
    return [
        SimilarRow(
            rank=near.rank,
            name=near.name,
            href=graph.address(near.entity_id, near.name, known),
            percent=round(100 * max(0.0, min(1.0, near.score))),
            reasons=[
                (why.channel, words.reason(why, language))
                for why in sorted(near.reasons, key=lambda why: -why.score)
            ],
            picture=ripples.picture(near.name, small=True),
        )
        for near in document.neighbours[:_LISTED]
    ]


def _years(releases: tuple[Release, ...], labels: Labels) -> list[ReleaseYear]:
    def year(release: Release) -> str:
        found = figures.year_of(release)
        return labels("unknown_date") if found is None else str(found)

    newest = sorted(releases, key=lambda release: release.date or "", reverse=True)
    return [
        ReleaseYear(
            year=name,
            releases=[
                (r.name, labels(r.kind), f"{r.tracks} {labels('track_count')}" if r.tracks else "")
                for r in rows
            ],
        )
        for name, rows in groupby(newest, key=year)
    ]
