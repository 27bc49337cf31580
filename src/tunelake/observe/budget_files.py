"""What processes have learned of limits, read beside them: no turn is taken and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tunelake.collect.budget.file_journal import machine_ticks
from tunelake.observe.budgets import BudgetState, replayed


def budgets(folder: Path, keys: Mapping[str, str]) -> list[BudgetState]:
    """Read the budgets of a home.

    Args:
        folder: Where their journals are.
        keys: The budgets that are configured, with the source each is for.
    """
    found = []
    for key, source in keys.items():
        try:
            data = (folder / f"{key}.log").read_bytes()
        except OSError:
            continue
        # What is after the last end of a line is being written.
        lines = data[: data.rfind(b"\n") + 1].splitlines()
        if state := replayed(lines, source, key, machine_ticks()):
            found.append(state)
    return found
