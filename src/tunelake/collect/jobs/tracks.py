"""Tracks that are wanted by id, for example because somebody played them; an async shell.

Each is noted as wanted before anything is sent, and asked for in batches where the application may. So a run
that ends early, by a kill or by a ban, is gone on with by the next, whatever that one was given.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from itertools import islice

import msgspec

from tunelake.collect.account import sight
from tunelake.collect.batch import TRACKS
from tunelake.collect.entities import Sight
from tunelake.collect.jobs.session import Session
from tunelake.collect.known import Known
from tunelake.collect.ports import Ledger, Want
from tunelake.collect.report import Outcome, RunReport
from tunelake.domain.states import State

KIND = "track"
NOTED_AT_ONCE = 500
ASKED_AT_ONCE = 1000
"""A multiple of every batch, so that all batches but the last are full."""


class WantedTrack(msgspec.Struct, frozen=True):
    """A track that is wanted, and since when; one that was looked at after that is wanted no more."""

    id: str
    since: datetime
    reason: str = ""


async def collect(session: Session, wanted: Iterable[WantedTrack]) -> RunReport:
    """Collect tracks, each once: those that are given, and those that are still owed from before."""
    _note(session, wanted)
    outcome, begun = Outcome(), 0
    total = sum(1 for _ in _owed(session))
    owed = _owed(session)
    while not session.caller.halted and (ids := list(islice(owed, ASKED_AT_ONCE))):
        session.progress("tracks", begun, total)
        answers = await session.batcher.fetch("calls", TRACKS, ids)
        # What was put off is wanted as before, and for the same reason.
        told = [
            sight(KIND, one, known) for one, known in answers.items() if known.state is not State.DEFERRED
        ]
        session.ledger.see(told)
        outcome.add(_want(one, known) for one, known in answers.items())
        begun += len(ids)
    session.progress("tracks", begun, total)
    outcome.leave("tracks", sum(1 for _ in owed), session.caller.halted)
    return session.report(outcome)


def withdraw(ledger: Ledger, reason: str, still: Container[str], at: datetime) -> int:
    """Want no more what is wanted for a reason that has gone; gives how many.

    Args:
        ledger: Knows what is wanted.
        reason: That it is wanted for.
        still: Ids that there is a reason for.
        at: The time.
    """
    gone = [
        Sight(kind=KIND, id=one.id, state=State.GONE, at=at, reason="nobody wants it any more")
        for one in ledger.owed()
        if one.kind == KIND and one.state is State.WANTED and one.reason == reason and one.id not in still
    ]
    ledger.see(gone)
    return len(gone)


def _note(session: Session, wanted: Iterable[WantedTrack]) -> None:
    rest = iter(wanted)
    for some in iter(lambda: list(islice(rest, NOTED_AT_ONCE)), []):
        session.ledger.see([
            Sight(kind=KIND, id=one.id, state=State.WANTED, at=one.since, reason=one.reason) for one in some
        ])  # fmt: skip


def _owed(session: Session) -> Iterator[str]:
    return (entity.id for entity in session.ledger.owed() if entity.kind == KIND)


def _want(one: str, known: Known) -> Want:
    state = State.UNCHANGED if known.state is State.FETCHED and not known.asked else known.state
    return Want(kind=KIND, asked=one, state=state, reason=known.reason, method="id")
