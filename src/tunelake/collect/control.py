"""Where control state is: in the home, or in a PostgreSQL that many machines share. Pure."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from tunelake.settings import Settings


def control_of(settings: Settings, path: Path | None) -> Path | str | None:
    """Where the ledger of a run is, as `SqlLedger` wants it; an address holds a password: never print it.

    Args:
        settings: They may name a database that is shared.
        path: The control database of the home; None remembers nothing, wherever.
    """
    return settings.control_url.reveal() or path if path else None


def place_of(url: str) -> str:
    """A database for people: without user, password and options."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or "localhost"
    return f"PostgreSQL at {host}{parts.path}"
