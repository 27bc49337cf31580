"""What a run got and what it is owed, told to the ledger as it goes on."""

from __future__ import annotations

from collections.abc import Iterable

from tunelake.collect.entities import Sight
from tunelake.collect.known import Known
from tunelake.collect.lists.reading import Reading
from tunelake.collect.ports import Ledger
from tunelake.collect.report import Gap
from tunelake.domain.states import State

KEPT = {"artist", "albums", "releases", "tracks", "playlist", "listens"}
"""Kinds with a record each; of other kinds only what was not simply fetched has one."""
_AT_ONCE = 500
_SIMPLE = {State.FETCHED, State.UNCHANGED}


class Account:
    """The account of one run.

    Attributes:
        gaps: What is still owed.
        notes: What a person may want to know and that is no gap.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.gaps: list[Gap] = []
        self.notes: list[str] = []
        self._ledger = ledger
        self._sights: list[Sight] = []

    def reading(self, what: str, kind: str, one: str, reading: Reading) -> None:
        """Take note of a list that was read."""
        state, reason = (State.DEFERRED, reading.gap) if reading.gap else (reading.state, reading.reason)
        if state.is_gap:
            self.gaps.append(Gap(what=what, state=state, reason=reason))
        elif state is not State.FETCHED:
            self.notes.append(f"{what}: {state}, {reason}")
        self.see([
            Sight(
                kind=kind, id=one, state=state, at=reading.at, reason=reason, request=reading.request,
                page_id=reading.page_id, total=reading.total, seen=len(reading.keys),
            )
        ])  # fmt: skip

    def known(self, what: str, kind: str, one: str, known: Known, *, note: bool = True) -> None:
        """Take note of an answer."""
        if known.state.is_gap:
            self.gaps.append(Gap(what=what, state=known.state, reason=known.reason))
        elif note and known.state not in _SIMPLE and known.state is not State.FORBIDDEN:
            self.notes.append(f"{what}: {known.state}, {known.reason}")
        self.see([sight(kind, one, known)])

    def see(self, sights: Iterable[Sight]) -> None:
        """Take note of what was learned of things."""
        self._sights += sights
        if len(self._sights) >= _AT_ONCE:
            self.tell()

    def tell(self) -> None:
        """Tell the ledger."""
        simple: dict[str, list[str]] = {}
        for one in self._sights:
            if not _has_record(one):
                simple.setdefault(one.kind, []).append(one.id)
        # What was owed before has a record to end, too; looked up now, for there may be millions of them.
        known = {(kind, one) for kind, ids in simple.items() for one in self._ledger.seen(kind, ids)}
        self._ledger.see([one for one in self._sights if _has_record(one) or (one.kind, one.id) in known])
        self._sights = []


def _has_record(one: Sight) -> bool:
    return one.kind in KEPT or one.state not in _SIMPLE


def sight(kind: str, one: str, known: Known, digest: str = "") -> Sight:
    """What an answer tells of a thing."""
    return Sight(
        kind=kind,
        id=one,
        state=known.state,
        at=known.at,
        reason=known.reason,
        request=known.request,
        page_id=known.page_id,
        digest=digest,
    )


def artist_sight(one: str, known: Known) -> Sight:
    """What an answer that shows an artist tells of it."""
    hits = [hit for hit in known.gist.hits if hit.id == one] or list(known.gist.hits[:1])
    digest = hits[0].digest if hits and known.state is State.FETCHED else ""
    return sight("artist", one, known, digest)
