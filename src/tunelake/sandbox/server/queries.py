"""Search text to a query: free words and the field filters of the Spotify Web API."""

from __future__ import annotations

import re

from tunelake.sandbox.catalogue import Query

TEXT_FILTERS = ("artist", "album", "track", "genre", "isrc", "upc")
ONE_WORD = frozenset({"isrc", "upc", "year", "tag"})
ANY_FILTER = re.compile(r"\b(artist|album|track|genre|isrc|upc|year|tag):", re.IGNORECASE)
WORD = re.compile(r"\s*(\S+)")
YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")


def parse_query(text: str) -> Query:
    """Read a search text.

    A filter's value is quoted, or runs up to the next filter (`artist:Miles Davis`); a code or a year is one
    word. A value that is not understood, such as a year that is no year, filters nothing.
    """
    filters: dict[str, str] = {}
    free: list[str] = []
    at = 0
    for match in ANY_FILTER.finditer(text):
        if match.start() < at:
            continue
        free.append(text[at : match.start()])
        name = match[1].lower()
        value, at = _value(text, match.end(), one_word=name in ONE_WORD)
        filters[name] = value
    free.append(text[at:])
    years = YEARS.fullmatch(filters.pop("year", ""))
    named = {name: value for name, value in filters.items() if name in TEXT_FILTERS and value}
    return Query(
        text=" ".join(" ".join(free).split()),
        artist=named.get("artist"),
        album=named.get("album"),
        track=named.get("track"),
        genre=named.get("genre"),
        isrc=named.get("isrc"),
        upc=named.get("upc"),
        year_from=int(years[1]) if years else None,
        year_to=int(years[2] or years[1]) if years else None,
    )


def _value(text: str, start: int, *, one_word: bool) -> tuple[str, int]:
    """The value that begins at `start`, and where it ends."""
    if text[start : start + 1] == '"':
        end = text.find('"', start + 1)
        end = len(text) if end < 0 else end
        return text[start + 1 : end], end + 1
    if one_word:
        word = WORD.match(text, start)
        return (word[1], word.end()) if word else ("", start)
    following = ANY_FILTER.search(text, start)
    end = following.start() if following else len(text)
    return text[start:end].strip(), end
