"""Whose answer it is: Spotify's or a sandbox's, told by a response header. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

SANDBOX_HEADER = "tunelake-sandbox"
_RIGHTS = re.compile(r'rights="?([A-Za-z0-9_.-]+)"?')


class Origin(msgspec.Struct, frozen=True):
    """Source and rights that pages of a server carry."""

    source: str
    rights: str


def origin_of(headers: Mapping[str, str]) -> Origin:
    """Read the origin from headers with names in lower case."""
    marked = headers.get(SANDBOX_HEADER)
    if marked is None:
        return Origin("spotify", "spotify")
    rights = _RIGHTS.search(marked)
    return Origin("sandbox", rights.group(1) if rights else "sandbox")
