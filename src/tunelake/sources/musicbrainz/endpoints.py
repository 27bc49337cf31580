"""The endpoints of the MusicBrainz web service that Tunelake calls, as values. Pure."""

from __future__ import annotations

import re

from tunelake.domain.pages import Params
from tunelake.sources.request import Request

PAGE = 100
SPOTIFY_PAGE = "https://open.spotify.com/artist/"
"""Followed by an id, the page of an artist that links of MusicBrainz lead to."""
RELATED = "artist-rels"
"""Asks for the artists that an artist is related to."""
_JSON = ("fmt", "json")
_SEARCHED = re.compile(r'artist:"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_SPECIAL = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/])')


def search_artist(name: str, limit: int = 10) -> Request:
    """Artists of a name or another name, best match first."""
    quoted = _SPECIAL.sub(r"\\\1", name)
    query = f'artist:"{quoted}" OR alias:"{quoted}"'
    return Request("mb_search", "/artist", (("query", query), ("limit", str(limit)), _JSON))


def name_searched(request: Request) -> str | None:
    """The name that a search was for."""
    found = _SEARCHED.match(request.param("query") or "")
    return _ESCAPED.sub(r"\1", found.group(1)) if found else None


def artist(mbid: str) -> Request:
    """One artist with its other names, links, tags, genres, and the artists it is related to."""
    return _asked("mb_artist", f"/artist/{mbid}", ("inc", f"aliases+{RELATED}+genres+tags+url-rels"))


def release_groups(mbid: str) -> Request:
    """The albums of an artist, page by page, whatever their issues."""
    return _asked(
        "mb_release_groups",
        "/release-group",
        ("artist", mbid),
        ("inc", "artist-credits"),
        ("limit", str(PAGE)),
    )


def releases(mbid: str) -> Request:
    """The issues of an artist's albums, page by page, with labels and numbers."""
    return _asked(
        "mb_releases",
        "/release",
        ("artist", mbid),
        ("inc", "artist-credits+labels+media+release-groups"),
        ("limit", str(PAGE)),
    )


def recordings(mbid: str) -> Request:
    """The recordings of an artist with their codes, page by page."""
    return _asked(
        "mb_recordings",
        "/recording",
        ("artist", mbid),
        ("inc", "artist-credits+isrcs"),
        ("limit", str(PAGE)),
    )


def artist_of_url(url: str) -> Request:
    """Which artists a page elsewhere is linked to."""
    return _asked("mb_url", "/url", ("resource", url), ("inc", RELATED))


def at_offset(request: Request, offset: int) -> Request:
    """The same list from another place on."""
    return request.with_param("offset", str(offset)) if offset else request


def _asked(endpoint: str, path: str, *params: tuple[str, str]) -> Request:
    asked: Params = (*params, _JSON)
    return Request(endpoint, path, asked)
