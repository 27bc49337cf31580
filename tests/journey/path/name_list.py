"""A list of 500 names as people keep them, with who is meant by each line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Literal, NamedTuple

from tunelake.domain.names import fold, without_article
from tunelake.sandbox.catalogue import Artist
from tunelake.sandbox.facts.read import FactArtist, read_facts
from tunelake.sandbox.ids import id_of
from tunelake.sandbox.open import open_world

ARTISTS, SEED, LINES = 2000, 1, 500
Kind = Literal[
    "name",
    "alias",
    "case",
    "quotes",
    "article",
    "spaces",
    "again",
    "made",
    "homonym",
    "nowhere",
    "unreadable",
]


class Line(NamedTuple):
    """A line, what is special about it, and the artist that is meant (None: nobody, or not one)."""

    text: str
    kind: Kind
    artist_id: str | None


def name_list() -> list[Line]:
    """All lines, the kinds mixed so that variants stand before and after what they vary."""
    facts = read_facts()
    lines = [*_names(facts), *list(aliases())[::3], *_variants(facts), *_homonyms(), *_nowhere()]
    lines += islice(_made(), LINES - len(lines))
    step = 187  # prime to 500: an order that is the same every time and mixes the kinds
    return [lines[i * step % LINES] for i in range(LINES)]


def as_file(lines: Sequence[Line]) -> bytes:
    """As an editor on Windows writes it: a byte order mark and CRLF."""
    return b"\xef\xbb\xbf" + "".join(f"{line.text}\r\n" for line in lines).encode()


def _id(fact: FactArtist) -> str:
    return id_of("fact", "artist", fact.name)


def aliases() -> Iterator[Line]:
    """Every other name of a real artist."""
    for fact in read_facts():
        yield from (Line(alias, "alias", _id(fact)) for alias in fact.aliases)


def _names(facts: Sequence[FactArtist]) -> Iterator[Line]:
    yield from (Line(fact.name, "name", _id(fact)) for fact in facts)


def _variants(facts: Sequence[FactArtist]) -> Iterator[Line]:
    for fact, change in zip(facts[:30], cycle((str.upper, str.lower, str.swapcase)), strict=False):
        yield Line(change(fact.name), "case", _id(fact))
    for fact in facts:
        if "'" in fact.name:
            yield Line(fact.name.replace("'", "’"), "quotes", _id(fact))
        if fact.name.startswith("The ") and fact.name != "The The":
            yield Line(fact.name.removeprefix("The "), "article", _id(fact))
    for fact in [fact for fact in facts if fact.name.isascii() and fact.name.isalpha()][:15]:
        yield Line(f"The {fact.name}", "article", _id(fact))
    for fact in facts[40:50]:
        yield Line(f"  {fact.name}\t ", "spaces", _id(fact))
    for fact in facts[50:60]:
        yield Line(f"{fact.name.upper()} ", "again", _id(fact))
        yield Line(fact.name, "again", _id(fact))


def _world() -> list[Artist]:
    world = open_world(artists=ARTISTS, seed=SEED)
    found = (world.artist(artist_id) for artist_id, _ in world.truth())
    return [artist for artist in found if artist]


def _homonyms() -> Iterator[Line]:
    artists = _world()
    shared = Counter(artist.name for artist in artists)
    yield from (Line(name, "homonym", None) for name, number in shared.items() if number > 1)


def _made() -> Iterator[Line]:
    """Names of the made-up world that only one artist has, from the best known to the least."""
    artists = _world()
    shared = Counter(without_article(fold(artist.name)) for artist in artists)
    alone = [artist for artist in artists if shared[without_article(fold(artist.name))] == 1]
    for number, artist in enumerate(alone[:: len(alone) // 200]):
        alias = artist.aliases[0] if artist.aliases and number % 2 else None
        yield Line(alias or artist.name, "made", artist.id)


def _nowhere() -> Iterator[Line]:
    yield Line("\u200b\u200e", "unreadable", None)
    yield Line("x" * 3000, "unreadable", None)
    yield Line("�\x07", "nowhere", None)
    for number in range(20):
        yield Line(f"qzvxk{number:02d} wjqfp", "nowhere", None)
    for text in ("쀍뷁쒧", "ЪЪЪъъ Ыыыщ", "0xDEADBEEF//", "'; drop table artists; --", "%00", "artist:", "*"):
        yield Line(text, "nowhere", None)
