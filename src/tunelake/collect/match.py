"""Which artist an asked name means, given who was found. Pure; collecting and answering share it.

The rules, strongest first; the first that fits an artist decides:

1. the same name (case, width, accents and typographic signs do not count): 1.0;
2. another name that the source tells ("에스파" of aespa): 0.95;
3. the same letters: signs and spaces do not count ("AC DC", "Florence and the Machine", "MO" for "MØ"): 0.95;
4. the same name but for a leading "The": 0.95;
5. the same words in another order ("Yonezu Kenshi"): 0.9;
6. so few slips apart that it is a slip (`near.py`): 0.9 less the share of letters that slipped;
7. the search's first hit in another script ("방탄소년단" found BTS): the source knows the alias: 0.7;
8. the only hit of the search: the source knows the alias, which is unlike the name ("Bangtan Boys"), or is
   the name spelled after its sound ("Fayrouz"), or has a word more or less ("Cheb Khaled"): 0.6. Not where it
   is alike in another way ("David Bowen" is not David Bowie), or a small piece ("Rad" is not Radiohead).

Each of the rules 1 to 5 is tried for the name as typed, then with an article that stands last in its place
("Beatles, The"), then without guests ("IU feat. SUGA").

Where a rule fits several artists, one wins that is far more popular than all others (by 30 of 100 points: the
gap between one that everybody knows and its namesakes; 0.8), else one whose spelling is the asked one to the
letter (0.9), else nobody: the name is ambiguous, and the candidates are listed with what tells them apart. A
wrong artist spoils what is made of it in silence, a question costs a look; so doubt is always a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from tunelake.collect.near import letters, likeness, slips
from tunelake.collect.ports import Candidate
from tunelake.domain.names import bare, consonants, fold, initials, readings, script, without_article
from tunelake.domain.states import State
from tunelake.sources.gist import Hit

FAR_MORE_POPULAR = 30
SMALL_PIECE = 0.4
"""A share of a name's letters; words with less than that say too little to mean it."""
ALIKE = 0.6
"""From this likeness on, a search found a name by its spelling and not by an alias it knows."""
ALIKE_CJK = 0.5
"""The same where a character is a word."""
MAX_CANDIDATES = 5
NEAR_SPELLING = "near spelling"


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
    return _same(asked, hits) or _guessed(asked, hits)


def known_among(asked: str, hits: Sequence[Hit]) -> Match | None:
    """Who has this name or nearly this name; None for nobody. No search stands behind it to trust in."""
    return _same(asked, hits) or _near(asked, hits)


def _same(asked: str, hits: Sequence[Hit]) -> Match | None:
    """By the rules that leave no doubt about the letters."""
    for method, confidence, fits in _RULES:
        for reading in readings(asked):
            same = [hit for hit in hits if fits(fold(reading), hit)]
            if same:
                return _one_of(reading, same, method, confidence)
    return None


def _near(asked: str, hits: Sequence[Hit]) -> Match | None:
    name = fold(asked)
    near = _nearest(name, hits)
    if len(near) > 1:
        return _ambiguous(asked, near, f"{len(near)} artists have nearly this name")
    return _found(near[0], NEAR_SPELLING, round(0.9 * _likeness(name, near[0]), 3)) if near else None


def _guessed(asked: str, hits: Sequence[Hit]) -> Match:
    """By how near it is, and by what the search made of the name."""
    first, name = hits[0], fold(asked)
    near = _near(asked, hits)
    if near and near.hit:
        return near
    if script(asked) and script(first.name) and script(asked) != script(first.name):
        return _found(first, "search alias", 0.7)
    if near:
        return near
    if len(hits) == 1 and bare(name) and _may_be_alias(name, first):
        return _found(first, "search alias", 0.6)
    return _ambiguous(asked, hits, f"no artist of this name; the search found {_others(len(hits))}")


def names_of(hit: Hit) -> Iterator[str]:
    """All names of an artist, folded."""
    yield from map(fold, (hit.name, *hit.aliases))


def _has_name(name: str, hit: Hit) -> bool:
    return fold(hit.name) == name


def _has_alias(name: str, hit: Hit) -> bool:
    return name in map(fold, hit.aliases)


def _has_letters(name: str, hit: Hit) -> bool:
    plain = bare(name)
    return bool(plain) and plain in map(bare, names_of(hit))


def _has_article(name: str, hit: Hit) -> bool:
    plain = without_article(name)
    return plain in map(without_article, names_of(hit))


def _has_words(name: str, hit: Hit) -> bool:
    words = sorted(name.replace(",", " ").split())
    return len(words) > 1 and any(words == sorted(other.split()) for other in names_of(hit))


_RULES: tuple[tuple[str, float, Callable[[str, Hit], bool]], ...] = (
    ("exact name", 1.0, _has_name),
    ("alias", 0.95, _has_alias),
    ("name but for punctuation", 0.95, _has_letters),
    ("name but for a leading The", 0.95, _has_article),
    ("words in another order", 0.9, _has_words),
)


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


def _nearest(name: str, hits: Iterable[Hit]) -> list[Hit]:
    """Those that are the fewest slips away; several when it cannot be told which slip it was."""
    apart = [(min((n for other in names_of(hit) if (n := slips(name, other)) is not None), default=None), hit)
             for hit in hits]  # fmt: skip
    fewest = min((count for count, _ in apart if count is not None), default=None)
    return [] if fewest is None else [hit for count, hit in apart if count == fewest]


def _may_be_alias(name: str, hit: Hit) -> bool:
    other = fold(hit.name)
    piece, whole = letters(name), letters(other)
    words, others = set(name.split()), set(other.split())
    if words >= others or piece == initials(other):
        return True
    if words <= others:
        return len(piece) >= SMALL_PIECE * len(whole)
    unlike = _likeness(name, hit) < (ALIKE_CJK if script(other) == "CJK" else ALIKE)
    return piece not in whole and (unlike or consonants(name) == consonants(other))


def _likeness(name: str, hit: Hit) -> float:
    return max(likeness(name, other) for other in names_of(hit))


def _others(count: int) -> str:
    return "another" if count == 1 else f"{count} others"


def _found(hit: Hit, method: str, confidence: float) -> Match:
    return Match(state=State.FETCHED, hit=hit, method=method, confidence=confidence)


def _ambiguous(asked: str, hits: Sequence[Hit], reason: str) -> Match:
    name = fold(asked)
    candidates = [
        Candidate(
            artist_id=hit.id,
            name=hit.name,
            score=round(_likeness(name, hit), 3),
            popularity=hit.popularity,
            about=hit.about,
        )
        for hit in hits[:MAX_CANDIDATES]
    ]
    return Match(state=State.AMBIGUOUS, reason=reason, candidates=tuple(candidates))
