"""What processes tell each other of one budget: the moves of its governor, in their order. Pure.

The governor is decided by its moves alone, so each process replays the moves of the others and knows what
they know. A journal begins with the whole state, and is begun anew when its moves have grown many.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tunelake.collect.budget.governor import Governor, Grant, Lane, ParkedUntil, WaitUntil

MOST_MOVES = 2000
BACKWARDS_S = 1.0


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be added to the ticks of a clock that never jumps, so that all processes agree.

    Attributes:
        boot: Whose ticks: they begin anew whenever this changes.
        offset: Seconds to add.
    """

    boot: str
    offset: float


class Whole(msgspec.Struct, frozen=True, kw_only=True, tag="whole"):
    """Everything that is known: how a journal begins."""

    state: bytes
    at: float
    anchor: Anchor | None
    owners: dict[int, str]


class Asked(msgspec.Struct, frozen=True, kw_only=True, tag="asked"):
    """Somebody asked for leave."""

    at: float
    lane: Lane
    by: str
    hold_s: float = 0.0
    endpoint: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True, tag="told"):
    """Somebody told what came of a request."""

    at: float
    number: int
    status: int
    retry_after: float | None = None
    quota_exceeded: bool = False
    hold_s: float = 0.0
    endpoint: str = ""


class Died(msgspec.Struct, frozen=True, kw_only=True, tag="died"):
    """A process ended with requests in flight."""

    at: float
    by: str


class Set(msgspec.Struct, frozen=True, kw_only=True, tag="set"):
    """A process came that keeps to the quotas that its operator set.

    Attributes:
        wishes: Calls and seconds by endpoint.
        gone: Processes that are not there any more, so that what they set does not count.
    """

    at: float
    by: str
    wishes: dict[str, tuple[int, float]]
    gone: tuple[str, ...] = ()


class Anchored(msgspec.Struct, frozen=True, kw_only=True, tag="anchored"):
    """The ticks begin anew."""

    at: float
    anchor: Anchor


Record = Whole | Asked | Told | Died | Set | Anchored
Leave = Grant | WaitUntil | ParkedUntil
_DECODER = msgspec.json.Decoder(Record)


def line_of(record: Record) -> bytes:
    """A record as a line."""
    return msgspec.json.encode(record) + b"\n"


class Replica:
    """One process's copy of what is known.

    Attributes:
        governor: Decides.
        moves: Moves since the journal was begun.
        owners: Who sent each request in flight, by number.
        at: The moment of the last move.
    """

    def __init__(self) -> None:
        self.governor = Governor()
        self.moves = 0
        self.owners: dict[int, str] = {}
        self.at = 0.0
        self._anchor: Anchor | None = None

    def read(self, lines: Iterable[bytes]) -> bool:
        """Replay what others did; gives whether any of them heard an answer.

        Raises:
            msgspec.DecodeError: A line is no record.
        """
        heard = False
        for line in lines:
            record = _DECODER.decode(line)
            self.play(record)
            heard = heard or not isinstance(record, Asked)
        return heard

    def play(self, record: Record) -> Leave | None:
        """Make a move; gives what the governor says to one who asks."""
        self.moves += 1
        self.at = record.at
        match record:
            case Asked():
                leave = self.governor.ask(record.at, record.lane, record.endpoint)
                if isinstance(leave, Grant):
                    self.owners[leave.number] = record.by
                    self.governor.hold(record.at + record.hold_s)
                return leave
            case Told():
                self._told(record)
            case Died():
                self._died(record)
            case Set():
                self.governor.keep_to(record.by, record.wishes, record.gone)
            case Anchored():
                self._anchor = record.anchor
            case Whole():
                self.governor = Governor.resume(record.state)
                self.owners, self._anchor, self.moves = dict(record.owners), record.anchor, 0
        return None

    def whole(self) -> Whole:
        """Everything, to begin a journal with."""
        return Whole(state=self.governor.state(), at=self.at, anchor=self._anchor, owners=self.owners)

    def time(self, boot: str, ticks: float, wall: float) -> tuple[float, Anchored | None]:
        """The time of all processes, from a clock that never jumps; and how it is anchored if that is new.

        Only after a restart of the machine the clock of the day is asked, which may have been set back:
        then time goes on from where it was, so that a ban lasts neither for ever nor too short.
        """
        if self._anchor and self._anchor.boot == boot:
            now = ticks + self._anchor.offset
            if now > self.at - BACKWARDS_S:
                return max(now, self.at), None
        now = max(wall, self.at)
        return now, Anchored(at=now, anchor=Anchor(boot=boot, offset=now - ticks))

    def _told(self, record: Told) -> None:
        lane: Lane = "backfill"
        self.owners.pop(record.number, None)
        self.governor.answered(
            Grant(number=record.number, lane=lane, endpoint=record.endpoint),
            record.at,
            record.status,
            record.retry_after,
            quota_exceeded=record.quota_exceeded,
        )
        if record.hold_s:
            self.governor.hold(record.at + record.hold_s)

    def _died(self, record: Died) -> None:
        for number in [number for number, owner in self.owners.items() if owner == record.by]:
            del self.owners[number]
            self.governor.answered(Grant(number=number, lane="backfill"), record.at, 0)
