"""What a person asks, from free text: which names may be meant, and in which language. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from tunelake.domain.names import fold, script
from tunelake.service import patterns

Language = Literal["en", "ko"]

LONGEST: Final = 300  # characters of a message that are read; no artist's name comes near it
_MOST_SPAN_WORDS: Final = 16
_JOINERS: Final = "\u200c\u200d"  # they spell words in some scripts and join emoji
_EDGES: Final = " \t?!.,~…。！？、，:;"
_SPOKEN: Final = re.compile(r"[ㄱ-ㅎㅏ-ㅣ가-힣]")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A message, understood as far as its words go.

    Attributes:
        names: Phrases that may be the name, the untouched text first: for looking up what is known.
        searches: The few of them worth asking a source about, most likely first.
        spans: Runs of words inside the text: a last guess among what is known.
        language: To answer in.
    """

    kind: Literal["artist", "greeting", "help", "empty"]
    names: tuple[str, ...]
    searches: tuple[str, ...]
    language: Language
    spans: tuple[str, ...] = ()


def ask(text: str) -> Question:
    """Understand a message; never raises, whatever the text."""
    whole = clean(text)
    language: Language = "ko" if _SPOKEN.search(whole) else "en"
    if not fold(whole):
        return Question(kind="empty", names=(), searches=(), language=language)
    bare = fold(whole).strip(_EDGES)
    if bare in patterns.GREETINGS or bare in patterns.HELP:
        kind: Literal["greeting", "help"] = "greeting" if bare in patterns.GREETINGS else "help"
        return Question(kind=kind, names=(whole,), searches=(whole,), language=language)
    core, sure = _core(whole)
    quoted = [part.strip() for part in patterns.QUOTED.findall(whole)]
    likely = list(_without_particles(core))
    searches = [*quoted, *likely, whole] if sure else [whole, *quoted, *likely]
    return Question(
        kind="artist",
        names=_distinct([whole, *quoted, *likely]),
        searches=_distinct(searches)[:3],
        language=language,
        spans=_distinct(_spans(whole)),
    )


def clean(text: str) -> str:
    """Drop what cannot be part of a name (control and direction marks), tidy spaces, cut to `LONGEST`."""
    kept = (_plain(character) for character in text[: LONGEST * 4])
    return " ".join("".join(kept).split())[:LONGEST].strip()


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category in {"Cf", "Cs"} and character not in _JOINERS else character


def _core(whole: str) -> tuple[str, bool]:
    """Peel off the words around a name; True when only a request could have had them."""
    text, sure = whole, False
    for _ in range(4):
        before = text
        text, strong = _peel(text, patterns.BEFORE)
        named, weak = _peel(text, patterns.WEAK)
        sure = sure or (weak and _is_spoken(text.removesuffix(named), named))
        text = _trim(named)
        text, spoken = _peel(text, patterns.AFTER)
        sure = sure or strong or spoken
        if text == before:
            break
    return text, sure


def _is_spoken(words: str, name: str) -> bool:
    """Whether words before a name are no part of it: of another script, or small beside a capital.

    "I like 에스파" and "I like Björk", but not "I Like Trains", nor "i like trains", which says nothing.
    """
    if script(name) and script(words) != script(name):
        return True
    last = words.rsplit(maxsplit=1)[-1]
    return last[:1].islower() and name[:1].isupper()


def _peel(text: str, table: Iterable[re.Pattern[str]]) -> tuple[str, bool]:
    peeled = False
    for pattern in table:
        rest = pattern.sub("", text, count=1).strip()
        if rest and rest != text:
            text, peeled = rest, True
    return text, peeled


def _trim(text: str) -> str:
    """Drop punctuation that ends a sentence, unless nothing would be left ("!!!")."""
    return text.rstrip(_EDGES).lstrip(" ,:;") or text


def _without_particles(core: str) -> Iterator[str]:
    yield core
    bare = core.strip("\"“”'‘’「」『』《》〈〉 ")
    if bare:
        yield bare
    for _ in range(2):
        stem = patterns.PARTICLE.sub("", bare).rstrip()
        if not stem or stem == bare:
            return
        # Nouns may hide behind the particle: "에스파의 노래를".
        bare, _peeled = _peel(stem, patterns.AFTER)
        yield stem
        yield bare


def _spans(whole: str) -> Iterator[str]:
    """Yield runs of words inside a sentence, longest first, for a look at what is already known."""
    words = whole.split()[:_MOST_SPAN_WORDS]
    for length in range(min(len(words) - 1, 5), 0, -1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            if all(fold(word).strip(_EDGES) in patterns.STOP for word in run):
                continue
            text = _trim(" ".join(run))
            yield text
            if length == 1 and len(text) < 3 and not _SPOKEN.search(text):  # noqa: PLR2004  ("U2를", not "a")
                continue
            yield from list(_without_particles(text))[1:]


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for name in names:
        if fold(name):
            seen.setdefault(fold(name), name)
    return tuple(seen.values())
