"""Which artist of an open source an asked name means: its hits tell their other names. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tunelake.collect.match import Match, match
from tunelake.sources.gist import Hit


def meant(asked: str, hits: Sequence[Hit]) -> Match:
    """Decide by the rules of all sources, which know other names where a hit tells them."""
    return match(asked, hits)
