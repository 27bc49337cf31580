"""Which artist of an open source an asked name means: its hits tell their other names. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tunelake.collect.match import Match, match
from tunelake.domain.names import fold
from tunelake.domain.states import State
from tunelake.sources.musicbrainz.read import Named
from tunelake.sources.spotify.read import Hit

ALIAS_CONFIDENCE = 0.95


def meant(asked: str, found: Sequence[Named]) -> Match:
    """Decide: the very name first, then another name of one artist alone, then the rules of all sources."""
    name = fold(asked)
    hits = [Hit(one.id, one.name) for one in found]
    if not any(fold(one.name) == name for one in found):
        known_as = [hit for hit, one in zip(hits, found, strict=True) if name in map(fold, one.aliases)]
        if len(known_as) == 1:
            return Match(state=State.FETCHED, hit=known_as[0], method="alias", confidence=ALIAS_CONFIDENCE)
    return match(asked, hits)
