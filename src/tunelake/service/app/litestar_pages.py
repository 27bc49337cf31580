"""The pages: home, an artist, a question under way, the API's documentation."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, Router, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from tunelake.service import language
from tunelake.service.answer import Answer
from tunelake.service.api import problems
from tunelake.service.api.desk import Desk
from tunelake.service.app import ripples, views
from tunelake.service.app.assets import Assets
from tunelake.service.app.labels import Labels
from tunelake.service.question import Language

Ask = Annotated[str, QueryParameter(name="q", max_length=5000)]
AtDesk = NamedDependency[Desk]
Loaded = NamedDependency[Assets]
Visit = Request[Any, Any, Any]
Page = Template | Redirect

_COOKIE = "lang"
_YEAR = 365 * 24 * 3600
_STATUS = {
    "not_found": HTTPStatus.NOT_FOUND,
    "parked": HTTPStatus.SERVICE_UNAVAILABLE,
    "error": HTTPStatus.BAD_GATEWAY,
}
_TITLED = {400, 404, 500, 502, 503}


def speak(request: Visit) -> Language:
    """Return the language of the pages for this visitor."""
    accept = request.headers.get("accept-language", "")
    return language.choose(request.query_params.get("lang"), request.cookies.get(_COOKIE), accept)


def _page(request: Visit, name: str, status: int = 200, /, **context: object) -> Template:
    lang = speak(request)
    asked = request.query_params.get("lang")
    cookies = (
        [Cookie(key=_COOKIE, value=lang, max_age=_YEAR, samesite="lax")] if asked in {"en", "ko"} else []
    )
    return Template(
        name,
        context={
            "t": Labels(lang),
            "lang": lang,
            "other_language": _other_language(request, lang),
            **context,
        },
        status_code=status,
        cookies=cookies,
        headers={"Vary": "Accept-Language, Cookie", "Cache-Control": "no-cache"},
    )


def _other_language(request: Visit, lang: Language) -> str:
    pairs = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    return f"{quote(request.url.path)}?{urlencode([*pairs, ('lang', 'en' if lang == 'ko' else 'ko')])}"


@get("/", name="home")
async def home(request: Visit, desk: AtDesk, assets: Loaded) -> Template:
    """Show the search."""
    examples = await desk.read(views.examples, desk.answerer)
    return _page(request, "home.html", assets=assets, examples=examples, ripples=ripples.picture("Tunelake"))


@get("/suggest")
async def suggest(request: Visit, desk: AtDesk, text: Ask = "") -> Template:
    """Give the part of the page below the search field, as a person types."""
    return _page(request, "part_suggest.html", found=await desk.read(desk.answerer.suggest, text, 8))


@get("/ask")
async def ask(request: Visit, desk: AtDesk, assets: Loaded, text: Ask = "") -> Page:
    """Answer a question; an unknown artist is collected while a page shows the progress."""
    lang = speak(request)
    answer = await desk.read(desk.answerer.known, text, lang)
    if answer is None:
        return await _progress(request, desk, assets, text, lang)
    return await _answered(request, desk, assets, text, answer)


@get("/asking")
async def asking(request: Visit, desk: AtDesk, text: Ask = "") -> Page | Response[None]:
    """Tell the progress page whether its answer is there."""
    under_way = desk.start(text, speak(request))
    if not under_way.done():
        return Response(None, status_code=HTTPStatus.NO_CONTENT)
    address = f"/ask?{urlencode({'q': text})}"
    return Response(None, headers={"HX-Redirect": address}, status_code=HTTPStatus.OK)


@get("/artists/{entity_id:str}")
async def artist(request: Visit, desk: AtDesk, assets: Loaded, entity_id: FromPath[str]) -> Template:
    """Show one artist."""
    lang = speak(request)
    view = await desk.read(views.artist, desk.answerer, entity_id, lang)
    if view is None:
        raise NotFoundException(entity_id)
    return _page(request, "artist.html", assets=assets, artist=view)


@get("/docs")
async def docs(request: Visit, assets: Loaded) -> Template:
    """Show the API's documentation."""
    return _page(request, "docs.html", assets=assets)


async def _progress(request: Visit, desk: Desk, assets: Assets, text: str, lang: Language) -> Page:
    under_way = desk.start(text, lang)
    if under_way.done():
        return await _answered(request, desk, assets, text, under_way.result())
    return _page(request, "progress.html", HTTPStatus.ACCEPTED, assets=assets, q=text)


async def _answered(request: Visit, desk: Desk, assets: Assets, text: str, answer: Answer) -> Page:
    if answer.kind == "card" and answer.document is not None:
        return Redirect(f"/artists/{answer.document.entity_id}", status_code=303)
    status = _STATUS.get(answer.kind, HTTPStatus.OK)
    stuck = answer.kind in {"help", "not_found"} and not (answer.candidates or answer.suggestions)
    examples = await desk.read(views.examples, desk.answerer) if stuck else []
    return _page(request, "answer.html", status, assets=assets, q=text, answer=answer, examples=examples)


def failed(request: Visit, error: Exception) -> Response[Any]:
    """Show an error as a page that says what to do; a program gets it as a problem."""
    if request.url.path.startswith(("/api/", "/openapi")) or "text/html" not in request.headers.get(
        "accept", ""
    ):
        return problems.handle(request, error)
    problem = problems.log(error, datetime.now(UTC))
    missing = problem.status == HTTPStatus.NOT_FOUND
    page = _page(
        request,
        "problem.html",
        problem.status,
        assets=request.app.state.assets,
        title=f"problem_{problem.status}" if problem.status in _TITLED else problem.title,
        detail=None if missing else problem.detail,
    )
    if problem.retry_after is not None:
        page.headers["Retry-After"] = str(problem.retry_after)
    return page


def router() -> Router:
    """Return the routes of the pages."""
    return Router(
        "/",
        route_handlers=[home, suggest, ask, asking, artist, docs],
        include_in_schema=False,
    )
