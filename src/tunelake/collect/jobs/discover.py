"""Which artists to add to those asked for: neighbours, step by step, within bounds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tunelake.errors import ConfigError

DEEPEST = 5
MOST = 1000


class Bounds(msgspec.Struct, frozen=True):
    """How far discovery goes.

    Attributes:
        steps: How many steps of related artists; 0 discovers nobody.
        most: How many artists there may be in all, those asked for included.
    """

    steps: int = 0
    most: int = MOST


NOBODY = Bounds()


def read_bounds(text: str, most: int) -> Bounds:
    """Read "related:STEPS".

    Raises:
        ConfigError: It is something else.
    """
    if not text:
        return Bounds()
    by, _, steps = text.partition(":")
    if by != "related" or not steps.isdigit() or not 1 <= int(steps) <= DEEPEST:
        raise ConfigError(f"cannot discover by {text!r}: write related:STEPS, with 1 to {DEEPEST} steps")
    return Bounds(int(steps), most)


def step(
    found: Sequence[str], last: Iterable[str], related: Mapping[str, Sequence[str]], most: int
) -> list[str]:
    """The artists of the next step: related to the last one's, new, nearest first, within the bound.

    Args:
        found: All artists so far.
        last: Those of the last step, in order.
        related: Related artists of each, nearest first.
        most: How many artists there may be in all.
    """
    lists = [related.get(one, ()) for one in last]
    places = range(max(map(len, lists), default=0))
    # One of each before a second of any: a bound cuts nobody's neighbours off altogether.
    ordered = (ids[place] for place in places for ids in lists if place < len(ids))
    known = set(found)
    new = dict.fromkeys(one for one in ordered if one and one not in known)
    return list(new)[: max(0, most - len(found))]
