"""GET /search."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from tunelake.sandbox.catalogue import Kind, Query
from tunelake.sandbox.server import wire
from tunelake.sandbox.server.calls import Call, kept
from tunelake.sandbox.server.params import MAX_OFFSET_OF_SEARCH, Span, market, search_types
from tunelake.sandbox.server.queries import parse_query
from tunelake.sandbox.server.refusals import bad_request

SEARCHABLE = frozenset({"artist", "album", "track"})


def search(call: Call) -> object:
    """Pages of each type asked for, by the plural of its name; a type that is not held is an empty page."""
    text = (call.params.get("q") or call.params.get("query") or "").strip()
    if not text:
        raise bad_request("No search query")
    types = search_types(call.params)
    part = call.span(default=20, maximum=50) if call.extended else call.span(default=5, maximum=10)
    if part.offset > MAX_OFFSET_OF_SEARCH:
        raise bad_request("Invalid offset")
    query = parse_query(text)
    return {f"{kind}s": _page(call, kind, text, query, part) for kind in types}


def _page(call: Call, kind: str, text: str, query: Query, part: Span) -> wire.Page:
    where = market(call.params)
    items: list[object] = []
    total = 0
    if kind in SEARCHABLE:
        hits = call.catalogue.search(cast("Kind", kind), query, offset=part.start, limit=part.limit)
        show = _shower(call, kind, where)
        ids, total = hits.ids, hits.total
        if not total and kind == "artist" and query.text == text:
            # As the real one does, a search that finds nobody forgives slips of the pen.
            near = tuple(call.catalogue.near(text))
            ids, total = near[part.start : part.start + part.limit], len(near)
        items = [show(entity_id) for entity_id in ids]
    # Nothing can be read beyond the last offset, so the count that pages lead to ends there too.
    total = min(total, MAX_OFFSET_OF_SEARCH)
    return call.page(items, total, part, query=text, type=kind, **kept(market=where))


def _shower(call: Call, kind: str, where: str | None) -> Callable[[str], object]:
    catalogue, render = call.catalogue, call.render

    def show(entity_id: str) -> object:
        if kind == "artist":
            artist = catalogue.artist(entity_id)
            return render.artist(artist) if artist else None
        if kind == "album":
            album = catalogue.album(entity_id)
            return render.album_ref(album) if album else None
        track = catalogue.track(entity_id)
        return render.track(track, market=where) if track else None

    return show
