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


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A field that answers have and nobody expected."""

    object: str
    field: str
    first_seen_at: datetime
    last_seen_at: datetime
