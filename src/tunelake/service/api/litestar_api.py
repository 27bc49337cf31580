"""The JSON API: the same answers as the pages, for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from tunelake.domain.cards import ArtistDocument, Neighbour
from tunelake.service import words
from tunelake.service.answer import Answer
from tunelake.service.api import problems
from tunelake.service.api.desk import Desk
from tunelake.service.api.problems import MEDIA_TYPE, Problem
from tunelake.service.ports import Candidate
from tunelake.service.question import Language

METRICS = "text/plain; version=0.0.4"
_BAD = ResponseSpec(Problem, description="The request is not understood.", media_type=MEDIA_TYPE)
_MISSING = ResponseSpec(Problem, description="No such artist.", media_type=MEDIA_TYPE)
_LATER = ResponseSpec(
    Problem, description="The source asked to wait; see Retry-After.", media_type=MEDIA_TYPE
)
_UPSTREAM = ResponseSpec(Problem, description="The source failed.", media_type=MEDIA_TYPE)

Question = Annotated[
    str,
    QueryParameter(
        name="q",
        min_length=1,
        max_length=5000,
        description="A name or a sentence about one artist, in English or Korean.",
        examples=[Example(summary="A name", value="BTS"), Example(summary="Korean", value="BTS 좋아해")],
    ),
]
AtDesk = NamedDependency[Desk]
Lang = Annotated[
    Language | None,
    QueryParameter(name="lang", description="Language of the answer; the question's when absent."),
]
EntityId = Annotated[
    str, QueryParameter(description="Tunelake's own id of the artist, for example from a search.")
]


class Found(msgspec.Struct, frozen=True):
    """Artists whose name goes with what was typed."""

    artists: list[Candidate]


class SimilarArtist(Neighbour, frozen=True, kw_only=True):
    """A similar artist; `why` says the reasons in words, the strongest first."""

    why: tuple[str, ...]


class Similar(msgspec.Struct, frozen=True):
    """The similar artists of one artist, nearest first, each with its reasons."""

    entity_id: str
    name: str
    neighbours: tuple[SimilarArtist, ...]


class Health(msgspec.Struct, frozen=True):
    """The service answers."""

    status: str


@get(
    "/ask",
    summary="Ask for an artist in your own words",
    responses={400: _BAD, 404: _MISSING, 502: _UPSTREAM, 503: _LATER},
    tags=["answers"],
)
async def ask(desk: AtDesk, text: Question, language: Lang = None) -> Answer | Response[Problem]:
    """Answer with a card; an artist nobody knows yet is collected first, which can take some seconds."""
    answer = await desk.ask(text, language)
    problem = problems.of_answer(answer, datetime.now(UTC))
    return answer if problem is None else problems.respond(problem)


@get("/artists/{entity_id:str}", summary="One artist's document", responses={404: _MISSING}, tags=["artists"])
async def artist(desk: AtDesk, entity_id: EntityId) -> ArtistDocument:
    """Return everything known about an artist, with where it comes from."""
    return await _document(desk, entity_id)


@get(
    "/artists/{entity_id:str}/similar",
    summary="Similar artists with reasons",
    responses={400: _BAD, 404: _MISSING},
    tags=["artists"],
)
async def similar(
    desk: AtDesk,
    entity_id: EntityId,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="At most this many.")] = 20,
    language: Annotated[
        Language, QueryParameter(name="lang", description="Language of the reasons in words.")
    ] = "en",
) -> Similar:
    """Return the nearest artists and why they are near."""
    document = await _document(desk, entity_id)
    near = tuple(
        SimilarArtist(**msgspec.structs.asdict(one), why=tuple(words.ranked(one, language)))
        for one in document.neighbours[:limit]
    )
    return Similar(entity_id=document.entity_id, name=document.name, neighbours=near)


@get("/search", summary="Find artists by the start of a name", responses={400: _BAD}, tags=["artists"])
async def search(
    desk: AtDesk,
    text: Question,
    limit: Annotated[int, QueryParameter(ge=1, le=50, description="At most this many.")] = 10,
) -> Found:
    """Return artists for what was typed so far; looks only at what is collected."""
    return Found(artists=await desk.read(desk.answerer.suggest, text, limit))


@get("/healthz", summary="Is the service up?", tags=["service"])
async def healthz() -> Health:
    """Answer when the service can answer."""
    return Health(status="ok")


def metrics_of(write: Callable[[], bytes]) -> HTTPRouteHandler:
    """Return the route that a Prometheus server scrapes."""

    @get("/metrics", include_in_schema=False, media_type=METRICS)
    async def metrics(desk: AtDesk) -> bytes:
        return await desk.read(write)

    return metrics


async def _document(desk: Desk, entity_id: str) -> ArtistDocument:
    answer = await desk.read(desk.answerer.card, entity_id)
    if answer is None or answer.document is None:
        raise NotFoundException(f"there is no artist with the id {entity_id!r}")
    return answer.document


def router() -> Router:
    """Return the routes of the API."""
    return Router(
        "/api",
        route_handlers=[ask, artist, similar, search],
    )
