"""A page: one answer of a source, exactly as it came, with what is needed to read it again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

import msgspec

Params = tuple[tuple[str, str], ...]


def fingerprint(source: str, path: str, params: Iterable[tuple[str, str]]) -> str:
    """Identify a request whatever the order of its parameters; 32 hex digits.

    Two requests with the same fingerprint ask the same thing of the same source.
    """
    text = "\x1f".join([source, path, *(f"{key}={value}" for key, value in sorted(params))])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a page in a list that was read page by page.

    All pages of one reading share `listing_id` and `started_at`; rows take `started_at` as the time
    they were observed, so that a set read in ten pages is one observation.

    Attributes:
        offset: Index of the page's first item in the list.
        total: Length of the list as the source states it, or None.
        whole: True on the last page of a reading without gaps: the set is complete with this page.
    """

    listing_id: str
    started_at: datetime
    offset: int
    total: int | None
    whole: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as received.

    Attributes:
        page_id: 32 hex digits, unique: of the fingerprint, the time and the body.
        source: Name space of the ids inside, for example "spotify", "sandbox".
        rights: Rights tag of the content, for example "spotify", "all".
        endpoint: Name of the endpoint in its source, for example "artist_albums".
        path: Path below the source's base, for example "/artists/4tZ.../albums".
        status: HTTP status.
        fetched_at: When the answer was complete (UTC, aware).
        headers: The response headers that matter, lower case (etag, cache-control, retry-after, date).
        body: The decoded body (after content encoding), unchanged.
        listing: Its place in a paged list; None for a single answer.
    """

    page_id: str
    source: str
    rights: str
    endpoint: str
    path: str
    params: Params
    status: int
    fetched_at: datetime
    headers: dict[str, str]
    body: bytes
    listing: Listing | None = None

    @property
    def fingerprint(self) -> str:
        """The request this page answers."""
        return fingerprint(self.source, self.path, self.params)

    @property
    def observed_at(self) -> datetime:
        """When what the page says was so: the start of its listing, else its own time."""
        return self.listing.started_at if self.listing else self.fetched_at


def page_id(request: str, fetched_at: datetime, body: bytes) -> str:
    """Name a page: 32 hex digits of its request's fingerprint, its time and its body."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(request.encode())
    digest.update(fetched_at.isoformat().encode())
    digest.update(body)
    return digest.hexdigest()
