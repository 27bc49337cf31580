"""Ids as people paste them: bare, as a URI, as the address of a page. Pure."""

from __future__ import annotations

import re

_ID = r"([0-9A-Za-z]{22})"


def read_id(text: str, kind: str) -> str | None:
    """The id in a text; None when there is none of this kind ("artist", "playlist", ...)."""
    pattern = rf"(?:spotify:{kind}:|https?://[^/]+/(?:[\w-]+/)*{kind}/)?{_ID}(?:[?#].*)?"
    match = re.fullmatch(pattern, text.strip())
    return match.group(1) if match else None
