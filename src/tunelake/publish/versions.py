"""Versions of documents in a store without large transactions: which one a reader sees. Pure.

Every publication has a number of its own. A document is written beside its older forms, under the number
of its publication; a pointer says up to which number readers look. Numbers of publications that never
became current are dead: nobody looks at what they wrote.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

KEPT_DEAD = 1_000  # numbers after which nothing of a dead publication can still be on its way


class Pointer(msgspec.Struct, frozen=True, kw_only=True):
    """What readers look at.

    Attributes:
        current: The greatest number that is seen.
        attempt: The greatest number given out.
        dead: Numbers up to `current` that are not seen.
    """

    current: int = 0
    attempt: int = 0
    dead: frozenset[int] = frozenset()

    def sees(self, version: int) -> bool:
        """Tell whether what was written under a number is seen, when nothing newer is."""
        return version <= self.current and version not in self.dead

    def switched(self) -> Pointer:
        """The pointer after the publication of number `attempt`: others on the way are dead."""
        between = range(self.current + 1, self.attempt)
        dead = {*self.dead, *between}
        return Pointer(
            current=self.attempt,
            attempt=self.attempt,
            dead=frozenset(number for number in dead if number > self.attempt - KEPT_DEAD),
        )


class Kept(msgspec.Struct, frozen=True):
    """One form of a document that is stored; `hash` is empty where the document was taken away."""

    entity_id: str
    version: int
    hash: str


def visible(stored: Iterable[Kept], pointer: Pointer) -> dict[str, Kept]:
    """Choose the form that is seen of each document; one that was taken away is among them."""
    found: dict[str, Kept] = {}
    for kept in stored:
        other = found.get(kept.entity_id)
        if pointer.sees(kept.version) and (other is None or other.version < kept.version):
            found[kept.entity_id] = kept
    return found


def unseen(stored: Iterable[Kept], pointer: Pointer) -> list[Kept]:
    """List the forms that no reader can come to see: older ones, those of dead publications.

    A mark of a document that was taken away is among them when it is all that there is of it.
    """
    everything = list(stored)
    shown = visible(everything, pointer)
    old = [
        kept
        for kept in everything
        if kept.version in pointer.dead or (pointer.sees(kept.version) and shown[kept.entity_id] != kept)
    ]
    more_than_one = {kept.entity_id for kept in everything if shown.get(kept.entity_id) != kept}
    marks = [kept for kept in shown.values() if not kept.hash and kept.entity_id not in more_than_one]
    return old + marks
