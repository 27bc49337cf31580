"""What processes have learned of limits, read beside them: no turn is taken and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tunelake.collect.budget.file_journal import machine_ticks
from tunelake.collect.budget.governor import State
from tunelake.collect.budget.records import Replica
from tunelake.observe.budgets import BudgetState, budget_of


def budgets(folder: Path, keys: Mapping[str, str]) -> list[BudgetState]:
    """Read the budgets of a home.

    Args:
        folder: Where their journals are.
        keys: The budgets that are configured, with the source each is for.
    """
    found = []
    for key, source in keys.items():
        try:
            lines = (folder / f"{key}.log").read_bytes()
        except OSError:
            continue
        if state := _state(lines, source, key):
            found.append(state)
    return found


def _state(data: bytes, source: str, key: str) -> BudgetState | None:
    replica = Replica()
    try:
        # What is after the last end of a line is being written.
        replica.read(data[: data.rfind(b"\n") + 1].splitlines())
        state = msgspec.msgpack.decode(replica.governor.state(), type=State)
    except (msgspec.DecodeError, ValueError, KeyError):
        # Whoever needs it says what is wrong with it.
        return None
    ticks = machine_ticks()
    now, _ = replica.time(ticks.boot, ticks.seconds, ticks.wall)
    return budget_of(source, key.rpartition("-")[2], state, now, datetime.now(UTC))
