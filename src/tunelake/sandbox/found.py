"""What a search found, before it is cut into pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, islice
from typing import Generic, TypeVar, overload

import msgspec

from tunelake.sandbox.catalogue import Hits


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Ids in order: `exact` are those whose very name was asked for, `others` the remaining matches."""

    exact: Sequence[str] = ()
    others: Sequence[str] = ()


T = TypeVar("T")


class Ids(Sequence[str], Generic[T]):
    """The ids of things in order, each made when it is read: a page of them is all that most ask for."""

    def __init__(self, things: Sequence[T], id_of: Callable[[T], str]) -> None:
        self._things = things
        self._id_of = id_of

    def __len__(self) -> int:
        return len(self._things)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self._id_of(one) for one in self._things[place]]
        return self._id_of(self._things[place])


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
