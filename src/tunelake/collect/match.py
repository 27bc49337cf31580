"""Which artist an asked name means, given what a search found. Pure.

The rules, strongest first; the first that finds exactly one artist decides:

1. the same name (case, width, accents and typographic signs do not count);
2. the same name but for punctuation ("AC DC");
3. the same name but for a leading "The";
4. the search's first hit in another script ("방탄소년단" found BTS): the source knows the alias;
5. a spelling so near that it is a slip ("Metalica");
6. the only hit of the search, whatever its name: the source knows the alias ("Bangtan Boys").

Where a rule finds several, one that is far more popular than all others wins, else one whose spelling
is the asked one to the letter, else nobody: the name is ambiguous and the candidates are listed.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

import msgspec
from rapidfuzz import fuzz

from tunelake.collect.ports import Candidate
from tunelake.domain.names import fold, without_article
from tunelake.domain.states import State
from tunelake.sources.gist import Hit

FAR_MORE_POPULAR = 30
NEAR = 90.0
NEAR_LEAD = 5.0
SHORTEST_NEAR = 5
MAX_CANDIDATES = 5
_ONE_SCRIPT = {"HIRAGANA": "CJK", "KATAKANA": "CJK"}


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What a name was found to mean; `hit` is None unless the state is FETCHED."""

    state: State
    hit: Hit | None = None
    method: str | None = None
    confidence: float | None = None
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()


def match(asked: str, hits: Sequence[Hit]) -> Match:
    """Decide what an asked name means among the hits of a search, best hit first."""
    if not hits:
        return Match(state=State.NOT_FOUND, reason="the search found no artist of this name")
    name = fold(asked)
    for same, method, confidence in (
        ([hit for hit in hits if fold(hit.name) == name], "exact name", 1.0),
        (_squashed(name, hits), "name but for punctuation", 0.95),
        (_without_article(name, hits), "name but for a leading The", 0.95),
    ):
        if same:
            return _one_of(asked, same, method, confidence)
    first = hits[0]
    if script(asked) and script(first.name) and script(asked) != script(first.name):
        return _found(first, "search alias", 0.7)
    near = _nearest(name, hits)
    if near:
        return _found(near[0], "near spelling", round(near[1] / 100 * 0.9, 3))
    if len(hits) == 1:
        return _found(first, "search alias", 0.6)
    return _ambiguous(asked, hits, f"no artist of this name; the search found {len(hits)} others")


def script(text: str) -> str:
    """The script most letters are in ("LATIN", "HANGUL", "CJK" with kana, ...); empty without letters."""
    names = (unicodedata.name(c, "").split(" ")[0] for c in text if c.isalpha())
    counted = Counter(_ONE_SCRIPT.get(name, name) for name in names if name)
    return counted.most_common(1)[0][0] if counted else ""


def _one_of(asked: str, same: Sequence[Hit], method: str, confidence: float) -> Match:
    if len(same) == 1:
        return _found(same[0], method, confidence)
    by_popularity = sorted(same, key=lambda hit: -(hit.popularity or 0))
    first, second = by_popularity[:2]
    if all(hit.popularity is not None for hit in same) and (
        (first.popularity or 0) - (second.popularity or 0) >= FAR_MORE_POPULAR
    ):
        return _found(first, f"{method}, by far the most popular of {len(same)}", 0.8)
    # All lower case is how people type in a hurry: it tells nothing about the spelling meant.
    spelled = [hit for hit in same if hit.name == asked and asked != asked.lower()]
    if len(spelled) == 1:
        return _found(spelled[0], f"{method}, spelled to the letter", 0.9)
    return _ambiguous(asked, same, f"{len(same)} artists have this name")


def _squash(folded: str) -> str:
    return "".join(c for c in folded if c.isalnum())


def _squashed(name: str, hits: Sequence[Hit]) -> list[Hit]:
    plain = _squash(name)
    return [hit for hit in hits if _squash(fold(hit.name)) == plain] if plain else []


def _without_article(name: str, hits: Sequence[Hit]) -> list[Hit]:
    plain = without_article(name)
    return [hit for hit in hits if without_article(fold(hit.name)) == plain]


def _nearest(name: str, hits: Sequence[Hit]) -> tuple[Hit, float] | None:
    if len(name) < SHORTEST_NEAR:
        return None
    scored = sorted(((fuzz.ratio(name, fold(hit.name)), -i) for i, hit in enumerate(hits)), reverse=True)
    best = scored[0][0]
    lead = best - scored[1][0] if len(scored) > 1 else best
    return (hits[-scored[0][1]], best) if best >= NEAR and lead >= NEAR_LEAD else None


def _found(hit: Hit, method: str, confidence: float) -> Match:
    return Match(state=State.FETCHED, hit=hit, method=method, confidence=confidence)


def _ambiguous(asked: str, hits: Sequence[Hit], reason: str) -> Match:
    name = fold(asked)
    candidates = [
        Candidate(
            artist_id=hit.id,
            name=hit.name,
            score=round(fuzz.ratio(name, fold(hit.name)) / 100, 3),
            popularity=hit.popularity,
        )
        for hit in hits[:MAX_CANDIDATES]
    ]
    return Match(state=State.AMBIGUOUS, reason=reason, candidates=tuple(candidates))
