"""Errors of a PostgreSQL that holds control state, in our words."""

from __future__ import annotations

import re

from tunelake.errors import ConfigError, Fatal, Retryable

_NOT_LET_IN = re.compile(
    r"password authentication failed|no password supplied|does not exist|permission denied"
    r"|no pg_hba.conf entry|could not translate host name|name or service not known"
    r"|failed to resolve host|invalid (dsn|uri|port|integer|connection option)"
    r"|is not permitted|missing \"=\"|certificate",
    re.IGNORECASE,
)
_FULL = re.compile(r"no space left|disk full|could not extend file", re.IGNORECASE)
_BUSY = re.compile(r"lock timeout", re.IGNORECASE)
_AWAY = re.compile(
    r"connection|server closed|terminat|shutting down|starting up|recovery mode|timeout|too many clients",
    re.IGNORECASE,
)


def told(place: str, error: BaseException, so: str = "") -> ConfigError | Retryable | Fatal:
    """Say what went wrong with a database.

    Args:
        place: Which, for people.
        error: What its library or SQLAlchemy says.
        so: What follows while it cannot be used.
    """
    said = " ".join(str(error).split()) or type(error).__name__
    then = f"; {so}" if so else ""
    if _FULL.search(said):
        return Fatal(f"no space left for {place} ({said}){then}")
    if _NOT_LET_IN.search(said):
        return ConfigError(f"{place} cannot be used ({said}): check TUNELAKE_CONTROL_URL{then}")
    if _BUSY.search(said):
        return Retryable(f"another process holds {place} for long; try again later{then}")
    if _AWAY.search(said):
        return Retryable(f"{place} cannot be reached now ({said}){then}; the same command goes on later")
    return ConfigError(f"{place} cannot be used ({said}): check its address and server{then}")
