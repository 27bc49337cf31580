"""Where processes leave the moves of one budget for each other; the port."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec


class Ticks(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of a clock that never jumps, and of the clock of the day beside it.

    Attributes:
        boot: Readings of the same boot can be compared.
        seconds: Since some moment of that boot.
        wall: Seconds since 1970, as far as the machine knows.
    """

    boot: str
    seconds: float
    wall: float


class Turn(Protocol):
    """While it lasts, nobody else moves."""

    def news(self) -> tuple[Sequence[bytes], bool]:
        """What was written since the last turn of this reader; and whether that is the whole journal."""

    def ticks(self) -> Ticks:
        """Read the clock that all who share the journal go by."""

    def write(self, lines: bytes, *, secure: bool = False) -> None:
        """Add lines; they outlive the process, and a loss of power too where that is asked for."""

    def begin(self, line: bytes) -> None:
        """Begin the journal anew with one line."""


class Journal(Protocol):
    """The journal of one budget, as one reader has it; to be closed."""

    @property
    def name(self) -> str:
        """Where it is, for people."""

    @property
    def me(self) -> str:
        """The name of this reader, which no other has."""

    def turn(self) -> AbstractContextManager[Turn]:
        """Have a turn when nobody else has.

        Raises:
            ConfigError: The journal cannot be used.
            Fatal: There is no space for it.
            Retryable: Another process does not end its turn.
        """

    def alive(self, who: str) -> bool:
        """Whether another reader is still there; for use in a turn."""

    def close(self) -> None:
        """Let go of it."""
