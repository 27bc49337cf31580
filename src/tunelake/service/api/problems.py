"""Errors as `application/problem+json` (RFC 9457), with the status that says what to do next."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from tunelake.errors import ConfigError, Retryable, Skippable, TunelakeError
from tunelake.service.answer import Answer
from tunelake.service.ports import Candidate

MEDIA_TYPE: Final = "application/problem+json"
_LOG: Final = logging.getLogger(__name__)
_TYPED: Final = {"text": "q", "language": "lang"}
"""What callers type, where an argument has another name inside."""
_WORDS: Final = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address; /docs lists what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address cannot be used that way; /docs says how.",
}


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong, for machines and people.

    Attributes:
        title: The kind of problem.
        detail: This occurrence, for people.
        kind: The answer's kind, where there was one.
        candidates: Who may have been meant.
        suggestions: Names to try instead.
        retry_after: Seconds to wait, when known.
    """

    status: int
    title: str
    detail: str
    type: str = "about:blank"
    kind: str | None = None
    candidates: tuple[Candidate, ...] = ()
    suggestions: tuple[str, ...] = ()
    retry_after: int | None = None


def respond(problem: Problem) -> Response[Problem]:
    """Send a problem, with Retry-After where it has one."""
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def of_answer(answer: Answer, now: datetime) -> Problem | None:
    """Return the problem that an answer is, or None when it answers the question."""
    status = {
        "not_found": HTTPStatus.NOT_FOUND,
        "parked": HTTPStatus.SERVICE_UNAVAILABLE,
        "error": HTTPStatus.BAD_GATEWAY,
    }.get(answer.kind)
    if status is None:
        return None
    return Problem(
        status=status,
        title=status.phrase,
        detail=answer.text,
        kind=answer.kind,
        candidates=answer.candidates,
        suggestions=answer.suggestions,
        retry_after=seconds_until(answer.until, now) if answer.kind == "parked" else None,
    )


def seconds_until(until: datetime | None, now: datetime) -> int:
    """Return whole seconds to wait, at least one; a minute when nobody knows."""
    return 60 if until is None else max(1, int((until - now).total_seconds()) + 1)


def of_error(error: Exception, now: datetime) -> Problem:
    """Return the problem for an exception; an unexpected one tells nothing of its inside."""
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        return Problem(status=status, title=status.phrase, detail=_http_detail(error))
    if isinstance(error, Retryable):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        wait = seconds_until(error.until, now)
        return Problem(status=status, title=status.phrase, detail=str(error), retry_after=wait)
    if isinstance(error, TunelakeError):
        status = HTTPStatus.NOT_FOUND if isinstance(error, Skippable) else HTTPStatus.INTERNAL_SERVER_ERROR
        title = "Not configured" if isinstance(error, ConfigError) else status.phrase
        return Problem(status=status, title=title, detail=str(error))
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return Problem(
        status=status, title=status.phrase, detail="Something unexpected happened; the log says what."
    )


def _http_detail(error: HTTPException) -> str:
    """Say which parameter is wrong and how; what was sent, which may be long, is not said again."""
    extra: Any = error.extra
    if isinstance(extra, list):
        wrong = [item for item in extra if isinstance(item, dict) and item.get("key")]
        if wrong:
            return "; ".join(
                f"{_TYPED.get(one['key'], one['key'])}: {one.get('message', '')}" for one in wrong
            )
    status = HTTPStatus(error.status_code)
    return _WORDS.get(status, error.detail) if error.detail == status.phrase else error.detail


def log(error: Exception, now: datetime) -> Problem:
    """Return the problem for an exception, and log it when nobody expected it."""
    problem = of_error(error, now)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Retryable):
        _LOG.error("%s", problem.detail, exc_info=error)
    return problem


def handle(_request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer an exception with a problem."""
    return respond(log(error, datetime.now(UTC)))
