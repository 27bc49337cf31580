"""Memory for a frontier of a million artists: noted, told apart, walked through longest ago first."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from bench.harness import counted, play, tell, write

from tunelake.collect.entities import Sight, due
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.domain.states import State

ARTISTS = 1_000_000
AT_ONCE = 1000
AT = datetime(2026, 11, 1, tzinfo=UTC)
GOAL_MB = 300
SERVER = "http://api.test/v1"


def fill(count: str = str(ARTISTS)) -> None:
    """Want artists, learn of each, then look who is due and who is owed: all of it in one process."""
    with tempfile.TemporaryDirectory() as folder, counted() as cost:
        ledger = SqlLedger(Path(folder) / "control.db", SERVER)
        ids = (f"{number:022}" for number in range(int(count)))
        for some in _thousands(ids):
            ledger.want("artist", some, AT)
            ledger.see([_sight(one) for one in some])
        now = AT + timedelta(days=40)
        ready = sum(len(due(some, now, timedelta(days=1))) for some in ledger.longest_ago("artist", now))
        owed = sum(1 for _ in ledger.owed())
        wanted = sum(1 for _ in ledger.wants("artist"))
        ledger.close()
    if not ready == wanted - owed == int(count) - owed:
        sys.exit(f"{ready} of {count} are due, {owed} owed, {wanted} wanted")
    tell(cost, int(count), owed=owed)


def _thousands(ids: Iterator[str]) -> Iterator[list[str]]:
    return iter(lambda: list(islice(ids, AT_ONCE)), [])


def _sight(one: str) -> Sight:
    at = AT + timedelta(seconds=int(one) % 86_400)
    return Sight(kind="artist", id=one, state=State.FETCHED, at=at, page_id="p" * 32, digest="d" * 16)


def compare() -> None:
    """Measure two sizes, so that what grows is seen."""
    from bench.harness import contest

    rows = []
    for count in (10_000, ARTISTS):
        figures = contest("bench.frontier", ["fill"], rounds=1, arguments=[str(count)])["fill"]
        rows.append([f"{count:,}", f"{figures['peak_mb']:.0f} MB", f"{figures['cpu'] * 1e6:.0f} us"])
    write(
        "frontier",
        "A frontier of artists in the ledger (SQLite): memory of the process that works on it",
        ["artists", "peak memory", "CPU an artist"],
        rows,
        f"Goal: under {GOAL_MB} MB for a million.",
    )


if __name__ == "__main__":
    play({"fill": fill}, compare)
