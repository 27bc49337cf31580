"""Which artist of an open source an asked name means: its hits tell their other names. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tunelake.collect.match import Match, match
from tunelake.domain.names import fold
from tunelake.domain.states import State
from tunelake.sources.gist import Hit

ALIAS_CONFIDENCE = 0.95


def meant(asked: str, hits: Sequence[Hit]) -> Match:
    """Decide: the very name first, then another name of one artist alone, then the rules of all sources."""
    name = fold(asked)
    if not any(fold(one.name) == name for one in hits):
        known_as = [hit for hit in hits if name in map(fold, hit.aliases)]
        if len(known_as) == 1:
            return Match(state=State.FETCHED, hit=known_as[0], method="alias", confidence=ALIAS_CONFIDENCE)
    return match(asked, hits)
