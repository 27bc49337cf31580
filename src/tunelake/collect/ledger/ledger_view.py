"""What a ledger shows to people beside its entities."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that says something about a thing: when, to what request, on which page."""

    at: datetime
    endpoint: str
    path: str
    status: int
    state: str
    reason: str
    page_id: str


class Capability(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an endpoint answers an application, and since when that is known.

    Attributes:
        verdict: "allowed" or "closed".
        reason: Why it is closed, in the source's words.
    """

    endpoint: str
    verdict: str
    reason: str = ""
    first_seen_at: datetime
    last_seen_at: datetime
