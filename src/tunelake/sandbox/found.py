"""What a search found, before it is cut into pages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice

import msgspec

from tunelake.sandbox.catalogue import Hits


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Ids in order: `exact` are those whose very name was asked for, `others` the remaining matches."""

    exact: Sequence[str] = ()
    others: Sequence[str] = ()


def page(found: Sequence[Found], *, offset: int, limit: int) -> Hits:
    """One page over the finds of several catalogues: all exact ones first, then the others."""
    parts = [one.exact for one in found] + [one.others for one in found]
    taken: list[Sequence[str]] = []
    for part in parts:
        taken.append(part[offset : offset + limit])
        limit -= len(taken[-1])
        offset = max(0, offset - len(part))
    ids = tuple(islice(chain.from_iterable(taken), None))
    return Hits(ids=ids, total=sum(len(part) for part in parts))
