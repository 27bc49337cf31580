"""Looks again at what is known, longest ago first, a thousand at a time; an async shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice

from tunelake.collect.account import Account, artist_sight
from tunelake.collect.batch import Batcher, Kind
from tunelake.collect.entities import Entity, Sight, due
from tunelake.collect.ports import Clock, Ledger, Want
from tunelake.collect.report import Outcome
from tunelake.domain.states import State

AT_ONCE = 1000
"""A multiple of every batch, so that all batches but the last are full."""


async def refresh(
    batcher: Batcher,
    kind: Kind,
    ledger: Ledger,
    account: Account,
    clock: Clock,
    age: timedelta,
    *,
    by_change: bool,
) -> Outcome:
    """Look again at artists.

    Args:
        batcher: Asks.
        kind: How artists are asked for.
        ledger: Knows them.
        account: Is told what came of it.
        clock: Tells the time.
        age: All that were last looked at longer ago than this.
        by_change: Whether what seldom changes may wait for longer.
    """
    outcome, began, known = Outcome(), clock.now(), 0

    def ready() -> Iterator[list[Entity]]:
        nonlocal known
        for some in ledger.longest_ago("artist", began):
            known += len(some)
            yield due(some, began, age, by_change=by_change)

    asked = 0
    for chosen in _full(ready()):
        before = {entity.id: entity for entity in chosen}
        asked += len(before)
        answers = await batcher.fetch("refresh", kind, before, began - age)
        for one, answer in answers.items():
            told = artist_sight(one, answer)
            account.see([told])
            outcome.add([_looked_at(before[one], told)])
        account.tell()
    if known > asked:
        account.notes.append(f"{known - asked} of {known} known artists are not due yet")
    return outcome


def _full(lists: Iterable[list[Entity]]) -> Iterator[list[Entity]]:
    """The same things in lists as long as may be."""
    rest = chain.from_iterable(lists)
    return iter(lambda: list(islice(rest, AT_ONCE)), [])


def _looked_at(before: Entity, told: Sight) -> Want:
    """What looking again at an artist came to."""
    same = told.state is State.FETCHED and told.digest == before.digest and before.digest != ""
    return Want(
        kind="artist",
        asked=before.id,
        state=State.UNCHANGED if same else told.state,
        reason=told.reason,
        artist_id=before.id if told.state is State.FETCHED else None,
        method="id",
    )
