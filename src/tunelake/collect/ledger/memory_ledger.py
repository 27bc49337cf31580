"""A ledger that lasts as long as the process; for tests and for trying things out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from tunelake.collect.entities import Entity, Sight, merged
from tunelake.collect.ports import Answered, Gate, Want
from tunelake.domain.states import State


class MemoryLedger:
    """Keeps everything in dictionaries."""

    def __init__(self) -> None:
        self._answers: dict[str, Answered] = {}
        self._wants: dict[tuple[str, str], Want] = {}
        self._entities: dict[tuple[str, str], Entity] = {}
        self._gates: dict[tuple[str, str], Gate] = {}

    def answered(self, fingerprints: Sequence[str]) -> dict[str, Answered]:
        """The answers known, by fingerprint."""
        return {name: self._answers[name] for name in fingerprints if name in self._answers}

    def record(self, answers: Sequence[Answered]) -> None:
        """Remember answers; newer replace older."""
        self._answers.update((answer.fingerprint, answer) for answer in answers)

    def want(self, kind: str, asked: Sequence[str], at: datetime) -> None:  # noqa: ARG002  the port's
        """Note what is wanted, where it is not known yet."""
        for one in asked:
            self._wants.setdefault((kind, one), Want(kind=kind, asked=one, state=State.WANTED))

    def put_wants(self, wants: Sequence[Want], at: datetime) -> None:  # noqa: ARG002  the port's
        """Remember what became of wants."""
        self._wants.update(((want.kind, want.asked), want) for want in wants)

    def wants(self, kind: str) -> Iterator[Want]:
        """Everything ever wanted of a kind, in the order first asked."""
        return iter([want for (of, _), want in self._wants.items() if of == kind])

    def see(self, sights: Sequence[Sight]) -> None:
        """Add what was learned to what is known of things."""
        for sight in sights:
            key = (sight.kind, sight.id)
            self._entities[key] = merged(self._entities.get(key), sight)

    def entities(self, kind: str) -> Iterator[Entity]:
        """Everything known of things of a kind, in the order of their ids."""
        return iter([entity for (of, _), entity in sorted(self._entities.items()) if of == kind])

    def seen(self, kind: str, ids: Sequence[str]) -> dict[str, Entity]:
        """What is known of things of a kind, by id."""
        return {one: self._entities[kind, one] for one in ids if (kind, one) in self._entities}

    def longest_ago(self, kind: str, before: datetime) -> Iterator[list[Entity]]:
        """What was last looked at before a time: never first, then longest ago."""
        known = [entity for (of, _), entity in sorted(self._entities.items()) if of == kind]
        never = [one for one in known if one.checked_at is None and one.first_at < before]
        at = {one.id: one.checked_at for one in known if one.checked_at and one.checked_at < before}
        once = sorted((one for one in known if one.id in at), key=lambda one: (at[one.id], one.id))
        yield from filter(None, (never, once))

    def owed(self) -> Iterator[Entity]:
        """Every thing of which something is still owed, in the order of kind and id."""
        return iter([entity for _, entity in sorted(self._entities.items()) if entity.owed])

    def gates(self, client: str) -> list[Gate]:
        """What was found out about what an application may call."""
        return [gate for (of, _), gate in sorted(self._gates.items()) if of == client]

    def put_gate(self, client: str, gate: Gate) -> None:
        """Remember what was found out about an endpoint."""
        self._gates[client, gate.endpoint] = gate

    def close(self) -> None:
        """Nothing to let go of."""
