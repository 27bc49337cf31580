"""The governor as all processes of an account have it: each move is made in turn, and left for the others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import msgspec

from tunelake.collect.budget.governor import Grant, Lane
from tunelake.collect.budget.journal import Journal, Turn
from tunelake.collect.budget.quota import Amount, Wishes
from tunelake.collect.budget.records import (
    MOST_MOVES,
    Asked,
    Died,
    Leave,
    Record,
    Replica,
    Set,
    Told,
    line_of,
)
from tunelake.collect.budget.verdicts import Verdict
from tunelake.errors import ConfigError, Retryable, TunelakeError


class SharedGovernor:
    """One reader's governor over a journal; every method raises what `Journal.turn` does."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._replica = Replica()
        self._untold: list[Callable[[float], Record]] = []

    def ask(self, lane: Lane, hold_s: float = 0.0, endpoint: str = "") -> tuple[Leave, float]:
        """Ask for leave to send one request; gives what was said, and when.

        Args:
            lane: Which request it is.
            hold_s: Seconds for which nobody is to send anything after it.
            endpoint: To where, for its quota.
        """
        me = self._journal.me
        leave, now = self._move(lambda now: Asked(at=now, lane=lane, by=me, hold_s=hold_s, endpoint=endpoint))
        assert leave is not None, "who asks is answered"  # noqa: S101  for the reader of types
        return leave, now

    def answered(self, grant: Grant, verdict: Verdict) -> None:
        """Tell what came of a request; where the journal cannot be reached, with the next move."""

        def told(now: float) -> Record:
            return Told(
                at=now,
                number=grant.number,
                status=verdict.status,
                retry_after=verdict.retry_after,
                quota_exceeded=verdict.quota_exceeded,
                hold_s=verdict.hold_s,
                endpoint=grant.endpoint,
            )

        try:
            self._move(told, secure=verdict.parks)
        except Retryable:
            self._untold.append(told)

    def keep_to(self, wishes: Wishes) -> dict[str, Amount]:
        """Keep to the quotas that the operator set for this process.

        Returns:
            Where another process that is there sets a stricter one, that one.
        """
        with self._journal.turn() as turn:
            self._read(turn)
            known = self._replica.governor.quotas.set_by
            gone = tuple(who for who in known if not self._journal.alive(who))
            if wishes or gone:
                self._make(turn, self._set(wishes, gone), secure=True)
            quotas = self._replica.governor.quotas
            strictest = {name: quotas.strictest(name) for name in wishes}
        return {name: found for name, found in strictest.items() if found and found != wishes[name]}

    def _set(self, wishes: Wishes, gone: tuple[str, ...]) -> Callable[[float], Record]:
        return lambda now: Set(at=now, by=self._journal.me, wishes=dict(wishes), gone=gone)

    def heard(self) -> bool:
        """Whether others heard answers since the last move."""
        with self._journal.turn() as turn:
            return self._read(turn)

    def bury(self) -> None:
        """Make good that processes ended which had requests in flight."""
        with self._journal.turn() as turn:
            self._read(turn)
            dead = {who for who in self._replica.owners.values() if not self._journal.alive(who)}
        for who in dead:
            self._bury(who)

    def close(self) -> None:
        """Let go of the journal; what could not be told is told now, if it can be."""
        if self._untold:
            last = self._untold.pop()
            with suppress(TunelakeError):
                self._move(last, secure=True)
        self._journal.close()

    def _bury(self, who: str) -> None:
        self._move(lambda now: Died(at=now, by=who))

    def _move(self, make: Callable[[float], Record], *, secure: bool = False) -> tuple[Leave | None, float]:
        with self._journal.turn() as turn:
            self._read(turn)
            made = self._make(turn, make, secure=secure)
        self._untold.clear()
        return made

    def _make(
        self, turn: Turn, make: Callable[[float], Record], *, secure: bool
    ) -> tuple[Leave | None, float]:
        ticks = turn.ticks()
        now, anchored = self._replica.time(ticks.boot, ticks.seconds, ticks.wall)
        made = [one(now) for one in (*self._untold, make)]
        records = [anchored, *made] if anchored else made
        turn.write(b"".join(map(line_of, records)), secure=secure or bool(self._untold))
        said = [self._replica.play(record) for record in records]
        if self._replica.moves >= MOST_MOVES:
            turn.begin(line_of(self._replica.whole()))
            self._replica.moves = 0
        return said[-1], now

    def _read(self, turn: Turn) -> bool:
        lines, anew = turn.news()
        if anew:
            self._replica = Replica()
        try:
            return self._replica.read(lines)
        except (msgspec.DecodeError, ValueError) as error:
            raise ConfigError(
                f"{self._journal.name} is damaged ({error}): move it away; what was learned of the limits is "
                "learned again, and a ban that was running is met again"
            ) from error
