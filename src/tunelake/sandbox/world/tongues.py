"""The languages of the generated world, as the file has them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from itertools import product

import msgspec


class Tongue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A language: how names and titles are made, and which countries and music go with it."""

    key: str
    share: int
    countries: tuple[str, ...]
    roots: tuple[str, ...]
    forms: tuple[str, ...]
    roman_forms: tuple[str, ...] = ()
    first: tuple[str, ...]
    first_tails: tuple[str, ...]
    second: tuple[str, ...]
    second_tails: tuple[str, ...]
    title_first: tuple[str, ...] = ()
    title_second: tuple[str, ...] = ()
    title_join: str = " "


class Word(msgspec.Struct, frozen=True):
    """A made-up word, and how it is written in Latin letters ("" where it already is)."""

    native: str
    roman: str


def read_tongues() -> tuple[Tongue, ...]:
    """Every language in the file."""
    text = (files("tunelake.sandbox.world") / "tongues.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["tongue"], tuple[Tongue, ...])


def made_words(heads: tuple[str, ...], tails: tuple[str, ...]) -> list[Word]:
    """All words of a head and a tail, each once."""
    found: dict[str, Word] = {}
    for head, tail in product(heads, tails):
        first, second = head.partition(":"), tail.partition(":")
        native = first[0] + second[0]
        roman = first[2] + second[2]
        found.setdefault(native, Word(_capital(native), _capital(roman)))
    return list(found.values())


def pattern(tongues: tuple[Tongue, ...]) -> tuple[int, ...]:
    """Which language each group of a round speaks, so mixed that any beginning holds several."""
    total = sum(tongue.share for tongue in tongues)
    used = [0] * len(tongues)
    order: list[int] = []
    for step in range(total):
        due = [tongue.share * (step + 1) - total * used[one] for one, tongue in enumerate(tongues)]
        chosen = due.index(max(due))
        used[chosen] += 1
        order.append(chosen)
    return tuple(order)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
