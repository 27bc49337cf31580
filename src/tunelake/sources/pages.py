"""A page of an open source to rows: what all of them do alike. Never raises. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rejected, Rows
from tunelake.sources.fields import Fields
from tunelake.sources.spotify.salvage import salvage

OK = 200
MAX_REASON = 300
Shapes = Mapping[str, tuple[Any, Callable[[Rows, Any, Page], None]]]
"""By endpoint, the type of its answer, and what reads that into rows."""


def read_page(page: Page, shapes: Shapes, fields: Fields) -> Rows:
    """Turn one answer into rows.

    Args:
        page: As received; its endpoint says what it holds.
        shapes: How the endpoints of its source are read.
        fields: What is known of their fields.

    Returns:
        The rows; with an answer other than 200, an unknown endpoint or a body that is no JSON, none,
        and one rejection that says why.
    """
    if page.status != OK:
        return _nothing(f"status {page.status}")
    shape = shapes.get(page.endpoint)
    if shape is None:
        return _nothing(f"no table takes what the endpoint {page.endpoint!r} answers")
    type_, read = shape
    rejected: list[Rejected] = []
    try:
        answer = msgspec.json.decode(page.body, type=type_)
    except msgspec.ValidationError:
        answer, rejected = salvage(page.body, type_)
    except (ValueError, RecursionError) as error:
        return _nothing(f"not JSON that can be read: {error}")
    rows = Rows(rejected=rejected, look=partial(fields.shapes, page.endpoint, page.body))
    if answer is not None:
        read(rows, answer, page)
    rows.tables = {name: table for name, table in rows.tables.items() if next(iter(table.values()))}
    return rows


def _nothing(reason: str) -> Rows:
    return Rows(rejected=[Rejected(where="$", reason=reason[:MAX_REASON])])
