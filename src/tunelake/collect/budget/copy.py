"""Takes what was learned of a budget from one journal to another."""

from __future__ import annotations

from tunelake.collect.budget.journal import Journal
from tunelake.errors import ConfigError


def copy_journal(source: Journal, target: Journal) -> int:
    """Begin a journal with all that another holds; done again, it changes nothing.

    The ticks of the two may have nothing in common: who reads a journal anchors them anew.

    Returns:
        How many lines the source has.

    Raises:
        ConfigError: The target holds something else.
    """
    with source.turn() as turn:
        lines = list(turn.news()[0])
    with target.turn() as turn:
        known = list(turn.news()[0])
        if known and known[: len(lines)] != lines:
            raise ConfigError(f"{target.name} holds what was learned elsewhere already; it stays as it is")
        if lines and not known:
            turn.begin(b"".join(line + b"\n" for line in lines))
    return len(lines)
