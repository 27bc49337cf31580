"""The names by which artists are found, and their order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tunelake.domain.names import bare, fold, without_article

KINDS = ("name", "alias", "short")
"""Kinds of names, the surest first."""


def name_rows(profile: Mapping[str, Any], *, collected: bool) -> list[tuple[Any, ...]]:
    """Make the rows of table `names` for one artist; a name that folds to nothing makes none.

    Args:
        profile: Row of mart artist_profile.
        collected: False for an artist known by name only.
    """
    entity_id, popularity = profile["entity_id"], profile["popularity"]
    written = [("name", profile["name"]), *(("alias", alias) for alias in profile["aliases"])]
    found: dict[str, tuple[str, str]] = {}
    for kind, name in written:
        found.setdefault(fold(name), (kind, name))
    for _, name in written:
        for short in lookups(fold(name)):
            found.setdefault(short, ("short", name))
    found.pop("", None)
    return [(folded, entity_id, kind, name, popularity, collected) for folded, (kind, name) in found.items()]


def lookups(folded: str) -> list[str]:
    """List what to look for, the best first: the text itself, without a leading "the", its letters alone."""
    texts = (folded, without_article(folded), bare(folded))
    return list(dict.fromkeys(text for text in texts if text))


def first_of_each(rows: Iterable[tuple[str, str]], limit: int) -> list[tuple[str, str]]:
    """Keep the first row of each artist (entity_id, ...), at most `limit`."""
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        if len(found) == limit:
            break
        found.setdefault(row[0], row)
    return list(found.values())
