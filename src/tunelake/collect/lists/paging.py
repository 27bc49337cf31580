"""Reading a list part by part although it may move meanwhile. Pure.

A part has an offset and keys. Between two requests items may be put in or taken out, which shifts all
that follows: then an item stands in two parts, or in none. The source's own `total` tells.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tunelake.sources.gist import Part

MAX_PARTS = 2_000
MAX_READINGS = 4


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a reading.

    Attributes:
        whole: Every item was seen, and the source's total agrees.
        seen: How many different items (or places) were seen.
        total: The source's last word on how many there are.
        suspects: Indexes of parts to read again, since something moved beside them.
        reason: What does not agree; empty when whole.
    """

    whole: bool
    seen: int
    total: int | None
    suspects: tuple[int, ...] = ()
    reason: str = ""


def stuck(parts: Sequence[Part], links: Sequence[str]) -> str:
    """Say why a reading must not go on: its links go round, or it never ends."""
    if len(set(links)) < len(links):
        return "its links lead in a circle"
    if len(parts) >= MAX_PARTS:
        return f"it has more than {MAX_PARTS} parts"
    if len(parts) > 1 and not parts[-1].keys and parts[-1].next:
        return "it leads to empty parts without end"
    return ""


def judge_unique(parts: Sequence[Part], extra: Sequence[str] = ()) -> Verdict:
    """Judge a list in which nothing stands twice: an artist's albums, an album's tracks.

    Args:
        parts: In order of offset.
        extra: Keys that earlier readings of the same list have seen.
    """
    where: dict[str, int] = {}
    suspects: set[int] = set()
    for index, part in enumerate(parts):
        for key in part.keys:
            if key is not None and where.setdefault(key, index) != index:
                suspects |= {where[key], index}
    nulls = sum(part.keys.count(None) for part in parts)
    now = len(where) + nulls
    total = parts[-1].total if parts else None
    # What an earlier reading saw counts where this one missed it, unless the list is whole without that.
    seen = now if now == total else len(where.keys() | set(extra)) + nulls
    if now != total and len({part.total for part in parts}) > 1:
        suspects = set(range(len(parts)))
    return _verdict(parts, seen, total, suspects or set(range(len(parts))))


def judge_places(parts: Sequence[Part], before: Sequence[Part] = ()) -> Verdict:
    """Judge a list of places, where the same thing may stand twice: the items of a playlist.

    Args:
        parts: In order of offset.
        before: An earlier reading: what looks like a move but was read the same twice is so.
    """
    same = [part.keys for part in parts] == [part.keys for part in before]
    suspects: set[int] = set()
    for index in range(1, len(parts)):
        one, other = parts[index - 1], parts[index]
        if one.keys and other.keys and one.keys[-1] is not None and one.keys[-1] == other.keys[0]:
            suspects |= {index - 1, index}
        if one.offset + len(one.keys) != other.offset or one.total != other.total:
            suspects |= {index - 1, index}
    seen = sum(len(part.keys) for part in parts)
    total = parts[-1].total if parts else None
    if suspects and not same:
        return Verdict(
            whole=False,
            seen=seen,
            total=total,
            suspects=tuple(sorted(suspects)),
            reason="the list moved while it was read",
        )
    return _verdict(parts, seen, total, set(range(len(parts))))


def _verdict(parts: Sequence[Part], seen: int, total: int | None, suspects: set[int]) -> Verdict:
    if parts and parts[-1].next:
        reason = "the last part was not reached"
    elif total is not None and seen != total:
        reason = f"{seen} items were seen, but the source states a total of {total}"
    else:
        return Verdict(whole=True, seen=seen, total=total)
    return Verdict(whole=False, seen=seen, total=total, suspects=tuple(sorted(suspects)), reason=reason)
