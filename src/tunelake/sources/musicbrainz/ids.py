"""MBIDs, and what the addresses of other catalogues hold. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SITES = {
    "open.spotify.com": ("spotify", re.compile(r"/(?:intl-\w+/)?artist/([0-9A-Za-z]{22})")),
    "www.deezer.com": ("deezer", re.compile(r"/(?:\w\w/)?artist/(\d+)")),
    "www.wikidata.org": ("wikidata", re.compile(r"/(?:wiki|entity)/(Q\d+)")),
    "www.discogs.com": ("discogs", re.compile(r"/(?:\w\w/)?artist/(\d+)")),
    "www.last.fm": ("lastfm", re.compile(r"/music/([^/]+)")),
}


def read_mbid(text: str) -> str | None:
    """The MBID in a text: bare, or as the address of a page; None when there is none."""
    found = _MBID.search(text.strip().lower())
    if found is None:
        return None
    bare = found.group() == text.strip().lower()
    return found.group() if bare or "musicbrainz.org/" in text.lower() else None


def site_of(url: str) -> tuple[str | None, str | None]:
    """Name space and id that the address of an artist's page holds; None for other pages."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, None
    site, pattern = _SITES.get((parts.hostname or "").lower(), (None, None))
    found = pattern.match(parts.path) if pattern else None
    return (site, found.group(1)) if found else (None, None)
