"""A ledger that lasts as long as the process; for tests and for trying things out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tunelake.collect.ports import Answered, Cooldown, Want


class MemoryLedger:
    """Keeps everything in dictionaries."""

    def __init__(self) -> None:
        self._answers: dict[str, Answered] = {}
        self._wants: dict[tuple[str, str], Want] = {}
        self._cooldown: Cooldown | None = None

    def answered(self, fingerprints: Sequence[str]) -> dict[str, Answered]:
        """The answers known, by fingerprint."""
        return {name: self._answers[name] for name in fingerprints if name in self._answers}

    def record(self, answers: Sequence[Answered]) -> None:
        """Remember answers; newer replace older."""
        self._answers.update((answer.fingerprint, answer) for answer in answers)

    def put_wants(self, wants: Sequence[Want], at: datetime) -> None:  # noqa: ARG002  the port's
        """Remember what became of wants."""
        self._wants.update(((want.kind, want.asked), want) for want in wants)

    def wants(self, kind: str) -> list[Want]:
        """Everything ever wanted of a kind, in the order first asked."""
        return [want for (of, _), want in self._wants.items() if of == kind]

    def cooldown(self) -> Cooldown | None:
        """The last cooldown."""
        return self._cooldown

    def put_cooldown(self, cooldown: Cooldown) -> None:
        """Remember until when nothing may be sent."""
        self._cooldown = cooldown

    def close(self) -> None:
        """Nothing to let go of."""
