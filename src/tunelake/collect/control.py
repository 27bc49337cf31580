"""Where control state is, in the home or in a PostgreSQL that many machines share, and whose it is. Pure."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from tunelake.errors import ConfigError
from tunelake.settings import Settings

_ADDRESS = re.compile(r"postgres(ql)?://([^@/?#\s]*@)?[^@/?#\s]*(/[^@/?#\s]*)?(\?[^@#\s]*)?")
_HALF_ENCODED = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)


def control_of(settings: Settings, path: Path | None) -> Path | str | None:
    """Where the ledger of a run is, as `SqlLedger` wants it; an address holds a password: never print it.

    Args:
        settings: They may name a database that is shared.
        path: The control database of the home; None remembers nothing, wherever.
    """
    return settings.control_url.reveal() or path if path else None


def place_of(url: str) -> str:
    """A database for people: without user, password and options.

    Raises:
        ConfigError: It is no address, so that nobody can tell what of it is the password.
    """
    if not _ADDRESS.fullmatch(url) or _HALF_ENCODED.search(url):
        raise ConfigError(
            "the address of the control database must be like postgresql://user:password@host/database, with "
            "@ / ? # % and spaces in user and password written as %40 %2F %3F %23 %25 %20"
        )
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or "localhost"
    return f"PostgreSQL at {host}{parts.path}"


def servers_of(settings: Settings) -> dict[str, str]:
    """The sources that are configured, with the bases of their APIs."""
    return {
        "spotify": settings.spotify_api_url,
        "musicbrainz": settings.musicbrainz_url,
        "listenbrainz": settings.listenbrainz_url,
    }


def client_of(source: str, settings: Settings) -> str:
    """By which application a source is asked; the open ones know none."""
    return settings.spotify_client_id if source == "spotify" else ""
