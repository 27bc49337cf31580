"""Which of the things a run met have a record in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tunelake.collect.account import Account
from tunelake.collect.entities import Sight
from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.domain.states import State

AT = datetime(2026, 11, 1, tzinfo=UTC)


def met(kind: str, one: str, state: State, hours: int = 0) -> Sight:
    return Sight(kind=kind, id=one, state=state, at=AT + timedelta(hours=hours))


def records(ledger: MemoryLedger, kind: str) -> dict[str, State]:
    return {entity.id: entity.state for entity in ledger.entities(kind)}


def test_artists_always_and_of_others_those_that_are_owed_until_they_came() -> None:
    ledger = MemoryLedger()
    account = Account(ledger)
    account.see(
        [
            met("artist", "a", State.FETCHED),
            met("album", "b", State.FETCHED),
            met("album", "c", State.DEFERRED),
        ]
    )
    account.tell()
    assert (records(ledger, "artist"), records(ledger, "album")) == (
        {"a": State.FETCHED},
        {"c": State.DEFERRED},
    )
    later = Account(ledger)
    later.see([met("album", "b", State.FETCHED, 1), met("album", "c", State.FETCHED, 1)])
    later.tell()
    assert records(ledger, "album") == {"c": State.FETCHED}
    assert list(ledger.owed()) == []
