"""A server that says what is not so: totals, links to what comes next, and how long to wait. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from email.utils import formatdate
from typing import Any, Literal

import msgspec

Lie = Literal["total", "circle", "endless"]
TOO_MANY = 7
"""How many more items than there are a false total states."""
_DATE = re.compile(r"date:(\d+)")


def lied(answer: object, lies: Collection[Lie]) -> object:
    """An answer as a server gives it that lies about its lists.

    Args:
        answer: The truth.
        lies: "total": there are more items than there are; "circle": after each part comes the first one;
            "endless": after each part comes another, empty in the end.
    """
    tree = msgspec.to_builtins(answer)
    for page in _pages(tree):
        if "total" in lies:
            page["total"] += TOO_MANY
        address, _, query = str(page.get("href") or "").partition("?")
        kept = [one for one in query.split("&") if one and not one.startswith(("offset=", "limit="))]
        if address and ("circle" in lies or "endless" in lies):
            at = page["offset"] + page["limit"] if "endless" in lies else 0
            page["next"] = f"{address}?{'&'.join([*kept, f'offset={at}', 'limit=' + str(page['limit'])])}"
    return tree


def waiting(told: str, true_seconds: str, now: float) -> str:
    """What a refusal says of how long to wait.

    Args:
        told: "date:SECONDS" says it as a date so far from now; empty tells the truth; else it is said as is.
        true_seconds: The truth.
        now: Seconds since 1970.
    """
    date = _DATE.fullmatch(told)
    return formatdate(now + int(date[1]), usegmt=True) if date else told or true_seconds


def _pages(tree: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  JSON
    if isinstance(tree, dict):
        if isinstance(tree.get("items"), list) and "total" in tree:
            yield tree
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        for one in tree:
            yield from _pages(one)
