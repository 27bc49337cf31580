"""One call to the catalogue API, as its handler sees it, and the page that many handlers answer with."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import msgspec

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server import wire
from tunelake.sandbox.server.listening import Listening
from tunelake.sandbox.server.params import Params, Span, entity_id, span
from tunelake.sandbox.server.render import Renderer


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call.

    Attributes:
        path: Without query, beginning with `/v1`.
        raw_id: The id in the path, unchecked; empty where the path has none.
        user: The user who logged in, or None for an application without one.
        scopes: What the user let the application see.
        listening: What users listen to.
        shift: How far the list has moved since the client began to page.
    """

    path: str
    raw_id: str
    params: Params
    render: Renderer
    user: str | None = None
    scopes: frozenset[str] = frozenset()
    listening: Listening = Listening(210.0)
    shift: int = 0

    @property
    def catalogue(self) -> Catalogue:
        """What is served."""
        return self.render.catalogue

    @property
    def extended(self) -> bool:
        """Whether the application sees everything."""
        return self.render.profile == "extended"

    @property
    def id(self) -> str:
        """The id in the path, checked."""
        return entity_id(self.raw_id)

    def span(self, *, default: int, maximum: int) -> Span:
        """The part of the list that is wanted."""
        return span(self.params, default=default, maximum=maximum, shift=self.shift)

    def page(
        self, items: Sequence[object], total: int, part: Span, *, of: str = "", **again: str
    ) -> wire.Page:
        """A page whose links repeat the parameters `again`; `of` is another path than the call's."""
        base = f"{self.render.api_url}{of or self.path.removeprefix('/v1')}"

        def link(offset: int) -> str:
            query = urlencode({"offset": offset, "limit": part.limit, **again}, safe=",", quote_via=quote)
            return f"{base}?{query}"

        following = part.offset + part.limit
        return wire.Page(
            href=link(part.offset),
            limit=part.limit,
            next=link(following) if following < total else None,
            offset=part.offset,
            previous=link(max(0, part.offset - part.limit)) if part.offset else None,
            total=total,
            items=items,
        )


def cut(items: Sequence[str], part: Span) -> Sequence[str]:
    """The part of a list that is in memory."""
    return items[part.start : part.start + part.limit]


def kept(**values: str | None) -> dict[str, str]:
    """Parameters that were given, to repeat in links."""
    return {name: value for name, value in values.items() if value is not None}
