"""Which artists to add to those asked for: neighbours, step by step, within bounds. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

import msgspec

from tunelake.errors import ConfigError

Way = Literal["related", "collaborators", "playlists"]
WAYS: tuple[Way, ...] = get_args(Way)
DEEPEST = 5
MOST = 1000


class Bounds(msgspec.Struct, frozen=True):
    """How far discovery goes.

    Attributes:
        steps: How many steps; 0 discovers nobody.
        most: How many artists there may be in all, those asked for included.
        way: By related artists; by who is credited on the same releases; by the playlists known.
    """

    steps: int = 0
    most: int = MOST
    way: Way = "related"


NOBODY = Bounds()


def read_bounds(text: str, most: int) -> Bounds:
    """Read "related:STEPS" or another way.

    Raises:
        ConfigError: It is something else.
    """
    if not text:
        return Bounds()
    word, _, steps = text.partition(":")
    way = next((way for way in WAYS if way == word), None)
    if way is None or not steps.isdigit() or not 1 <= int(steps) <= DEEPEST:
        ways = ", ".join(f"{way}:STEPS" for way in WAYS)
        raise ConfigError(f"cannot discover by {text!r}: write one of {ways}, with 1 to {DEEPEST} steps")
    return Bounds(int(steps), most, way)


def related_only(bounds: Bounds, source: str) -> Bounds:
    """The bounds of a discovery, whose way the source must have.

    Raises:
        ConfigError: It has none such.
    """
    if bounds.steps and bounds.way != "related":
        raise ConfigError(f"{source} knows no {bounds.way}: discover by related:{bounds.steps} there")
    return bounds


def most_often(owner: str, groups: Iterable[Iterable[str]]) -> list[str]:
    """Who stands in most of the groups (releases, playlists) that the owner stands in, those first."""
    counted: Counter[str] = Counter()
    for group in groups:
        members = dict.fromkeys(group)
        if owner in members:
            counted.update(one for one in members if one != owner)
    return [one for one, _ in counted.most_common()]


def led_by(last: Iterable[str], near: Mapping[str, Sequence[str]], new: Iterable[str]) -> dict[str, str]:
    """Which artist of the last step led to each new one: the first that has it near."""
    wanted, found = set(new), dict[str, str]()
    for one in last:
        for other in near.get(one, ()):
            if other in wanted:
                found.setdefault(other, one)
    return found


def step(
    found: Sequence[str], last: Iterable[str], related: Mapping[str, Sequence[str]], most: int
) -> list[str]:
    """The artists of the next step: near to the last one's, new, nearest first, within the bound.

    Args:
        found: All artists so far.
        last: Those of the last step, in order.
        related: Artists near to each, nearest first.
        most: How many artists there may be in all.
    """
    lists = [related.get(one, ()) for one in last]
    places = range(max(map(len, lists), default=0))
    # One of each before a second of any: a bound cuts nobody's neighbours off altogether.
    ordered = (ids[place] for place in places for ids in lists if place < len(ids))
    known = set(found)
    new = dict.fromkeys(one for one in ordered if one and one not in known)
    return list(new)[: max(0, most - len(found))]
