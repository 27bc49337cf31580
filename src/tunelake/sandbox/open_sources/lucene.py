"""The query of a search: the few words of Lucene's language that clients send. Pure."""

from __future__ import annotations

import re

import msgspec

_PART = re.compile(r'(?:(\w+):)?(?:"((?:\\.|[^"\\])*)"|\(((?:\\.|[^)\\])*)\)|((?:\\.|[^\s"()\\])+))')
_ESCAPE = re.compile(r"\\(.)")
_JOINERS = frozenset({"AND", "OR", "NOT", "&&", "||"})
FIELDS = frozenset({
    "alias", "arid", "artist", "artistaccent", "artistname", "barcode", "country", "isrc", "recording",
    "reid", "release", "releasegroup", "rgid", "rid", "sortname", "tag",
})  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """A query: words for any field, and values by field, the first of each."""

    text: str
    fields: dict[str, str]

    def first(self, *names: str) -> str:
        """The value of the first of some fields that is given, else the free words."""
        return next((self.fields[name] for name in names if self.fields.get(name)), self.text)


def parse(query: str) -> Asked:
    """Read a query; joining words are left out, since every answer here is ranked."""
    words: list[str] = []
    fields: dict[str, str] = {}
    for field, *values in _PART.findall(query):
        value = _ESCAPE.sub(r"\1", next((one for one in values if one), ""))
        if field.lower() in FIELDS:
            fields.setdefault(field.lower(), value.strip('"'))
        elif value not in _JOINERS:
            words.append(f"{field}:{value}" if field else value)
    return Asked(" ".join(words), fields)
