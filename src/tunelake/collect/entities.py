"""What is known of each wanted thing: its state, where that comes from, how often it changes. Pure.

A thing is looked at again when the chance that it has changed meanwhile is about one half. Changes are
taken to come at a steady rate, (changes seen + 1) in (time watched + one age); so what never changed is
left alone for longer and longer, up to sixteen ages, and what changes often is due at every age.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from tunelake.domain.states import State

LONGEST_AGES = 16


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """One wanted thing.

    Attributes:
        kind: "artist", "albums" (the list of an artist's), "tracks" (of an album), "playlist", or the
            endpoint that answers about it.
        reason: Why it is in this state, for people; empty when it was simply fetched.
        request: Path and parameters that were asked last.
        page_id: The page its last content is from; empty while there is none.
        total: For a list: how long it is, as the source states it.
        seen: For a list: how many different items were seen.
        digest: Of its content, to tell a change; empty where nobody compares.
        first_at: When it was first wanted.
        checked_at: When the source last said something for good; None when it never did.
        changed_at: When its content last differed from before.
    """

    kind: str
    id: str
    state: State
    reason: str = ""
    request: str = ""
    page_id: str = ""
    total: int | None = None
    seen: int | None = None
    digest: str = ""
    first_at: datetime
    checked_at: datetime | None = None
    changed_at: datetime | None = None
    checks: int = 0
    changes: int = 0

    @property
    def owed(self) -> str:
        """What is still owed of it, for people; empty when nothing is."""
        if self.state.is_gap:
            return self.reason or "it was not asked for yet"
        if self.state is State.FETCHED and self.total is not None and self.seen != self.total:
            return f"{self.seen} items were seen, but the source states a total of {self.total}"
        return ""


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of a thing just now; see `Entity` for the fields."""

    kind: str
    id: str
    state: State
    at: datetime
    reason: str = ""
    request: str = ""
    page_id: str = ""
    total: int | None = None
    seen: int | None = None
    digest: str = ""


def merged(before: Entity | None, sight: Sight) -> Entity:
    """Add a sight to what was known; one that is older than that changes nothing."""
    known = before or Entity(kind=sight.kind, id=sight.id, state=State.WANTED, first_at=sight.at)
    if known.checked_at and sight.at < known.checked_at:
        return known
    if sight.state in {State.WANTED, State.DEFERRED}:
        # The source said nothing: its content, and when it was last seen, stay what they were.
        return msgspec.structs.replace(
            known,
            state=sight.state,
            reason=sight.reason,
            request=sight.request or known.request,
            page_id=sight.page_id or known.page_id,
            total=known.total if sight.total is None else sight.total,
            seen=known.seen if sight.seen is None else sight.seen,
        )
    if known.checked_at == sight.at and known.state is sight.state:
        return known
    changed = bool(sight.digest and known.digest and sight.digest != known.digest)
    return msgspec.structs.replace(
        known,
        state=sight.state,
        reason=sight.reason,
        request=sight.request or known.request,
        page_id=sight.page_id or known.page_id,
        total=sight.total,
        seen=sight.seen,
        digest=sight.digest or known.digest,
        checked_at=sight.at,
        changed_at=sight.at if changed else known.changed_at,
        checks=known.checks + 1,
        changes=known.changes + changed,
    )


def interval(entity: Entity, age: timedelta) -> timedelta:
    """How long after its last check a thing is due: from one age to `LONGEST_AGES`."""
    watched = (entity.checked_at or entity.first_at) - entity.first_at
    half_life = math.log(2) / (entity.changes + 1) * (watched + age)
    return min(max(half_life, age), LONGEST_AGES * age)


def due(entities: Iterable[Entity], now: datetime, age: timedelta, *, by_change: bool = True) -> list[Entity]:
    """The things to look at again, longest ago first; what is gone for good is left in peace.

    Args:
        entities: What is known.
        now: The time.
        age: What was checked within this is never due.
        by_change: Whether what seldom changes may wait for longer.
    """

    def ready(entity: Entity) -> bool:
        if entity.state in {State.GONE, State.FORBIDDEN} or (
            entity.state is State.NOT_FOUND and not entity.page_id
        ):
            return False
        if entity.checked_at is None or entity.state.is_gap:
            return True
        wait = interval(entity, age) if by_change else age
        return now - entity.checked_at >= wait

    return sorted(
        filter(ready, entities), key=lambda entity: ((entity.checked_at or entity.first_at), entity.id)
    )
