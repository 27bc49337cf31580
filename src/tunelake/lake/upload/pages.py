"""Checked rows as pages for the landing log. Pure: the time comes from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

import msgspec

from tunelake.domain.pages import Page, Params, fingerprint, page_id
from tunelake.lake.upload.lines import PREFIX, REJECTED, plan_params, taken_line
from tunelake.lake.upload.typed import Plan

ROWS_A_PAGE = 2000
_OK = 200


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when rows came from: the file's name, the source, its rights, the time of the upload."""

    file: str
    source: str
    rights: str
    at: datetime


class Waiting(msgspec.Struct, frozen=True):
    """A row that was taken: number, unit, values as JSON, and the (table, key) of what it tells first."""

    row: int
    unit: str
    body: bytes
    tells: frozenset[tuple[str, str]]


class Checked(Protocol):
    """The rows of a file once all have been looked at."""

    def taken(self) -> Iterable[Waiting]:
        """The good rows, those of one unit together."""

    def rejects(self) -> Iterable[bytes]:
        """The lines of the others."""


def pages(checked: Checked, plan: Plan, origin: Origin) -> Iterator[Page]:
    """Make pages, each of whole units: what a playlist holds is never split."""
    params = plan_params(plan)
    part = 0
    lines: list[bytes] = []
    unit: str | None = None
    for row in checked.taken():
        if len(lines) >= ROWS_A_PAGE and row.unit != unit:
            yield _page(f"{PREFIX}{plan.kind.name}", params, part, lines, origin)
            part, lines = part + 1, []
        lines.append(taken_line(row.row, row.body, row.tells))
        unit = row.unit
    if lines:
        yield _page(f"{PREFIX}{plan.kind.name}", params, part, lines, origin)
    yield from _rejected(checked.rejects(), params, origin)


def _rejected(bodies: Iterable[bytes], params: Params, origin: Origin) -> Iterator[Page]:
    part = 0
    lines: list[bytes] = []
    for body in bodies:
        lines.append(body)
        if len(lines) == ROWS_A_PAGE:
            yield _page(REJECTED, params, part, lines, origin)
            part, lines = part + 1, []
    if lines:
        yield _page(REJECTED, params, part, lines, origin)


def _page(endpoint: str, plan: Params, part: int, lines: list[bytes], origin: Origin) -> Page:
    params = (*plan, ("file", origin.file), ("part", str(part)))
    path = f"/{endpoint}"
    body = b"".join(line + b"\n" for line in lines)
    return Page(
        page_id=page_id(fingerprint(origin.source, path, params), origin.at, body),
        source=origin.source,
        rights=origin.rights,
        endpoint=endpoint,
        path=path,
        params=params,
        status=_OK,
        fetched_at=origin.at,
        headers={},
        body=body,
    )
