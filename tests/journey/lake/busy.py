"""A process that writes to a lake, reads it or maintains it, while others do the same."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

from tests.unit.lake.pages import make, read

from tunelake.lake.lake import Lake
from tunelake.lake.maintenance import decide
from tunelake.lake.maintenance.run import upkeep

ROUNDS, ROWS, SHARED = 4, 20, 5


def write(lake: Lake, number: int) -> None:
    """Tell artists of its own and news of shared ones, and land them, round by round."""
    for turn in range(ROUNDS):
        rows = [{"artist_id": f"{number}-{turn}-{n}", "name": "own"} for n in range(ROWS)]
        rows += [{"artist_id": f"shared-{n}", "name": f"{number}-{turn}"} for n in range(SHARED)]
        lake.landing.append(make(number * 1000 + turn, {"artists": rows}))
        lake.land()


def look(lake: Lake, stop: Path) -> None:
    """Read until the others are done; what was there once stays there, and nothing is there twice."""
    cache, last, turns = lake.cache(), 0, 0
    while not stop.exists() or turns < 1:
        query = "select count(*) n, count(distinct artist_id) names from artists"
        (told,) = lake.sql(query).read_all().to_pylist()
        assert told["n"] == told["names"] >= last, told
        with lake.connect() as connection:
            ((there,),) = connection.sql("select count(*) from artists_history").fetchall()
            assert there >= told["n"]
        cache.refresh("artists")
        ((kept,),) = cache.connection.sql("select count(*) from artists").fetchall()
        assert kept >= told["n"]
        last, turns = told["n"], turns + 1
        time.sleep(0.1)
    sys.stdout.write(f"{turns}\n")


def maintain(lake: Lake, stop: Path) -> None:
    """Compact and vacuum without a break, keeping no old file longer than its readers."""
    removed = 0
    while not stop.exists():
        removed += sum(one.removed for one in upkeep(lake.home, keep=timedelta()))
        time.sleep(0.2)
    sys.stdout.write(f"{removed}\n")


if __name__ == "__main__":
    task, root, rest = sys.argv[1:]
    # So that landings compact, too.
    decide.MANY = 3
    lake = Lake(Path(root), reader=read)
    if task == "write":
        write(lake, int(rest))
    elif task == "read":
        look(lake, Path(rest))
    else:
        maintain(lake, Path(rest))
