"""A process of a lake that a test kills: appends pages, or lands them, until it is ended."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.unit.lake.pages import make, read

from tunelake.domain.pages import Page
from tunelake.lake.home import Home, open_home
from tunelake.lake.lake import Lake
from tunelake.lake.lander import Lander
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.places.s3_place import place_at
from tunelake.lake.rows.batch import Batch
from tunelake.settings import load


def page(number: int) -> Page:
    """Make the page with a number: three artists of its own, one it shares, and a set."""
    artists = [{"artist_id": f"{number}-{n}", "name": f"artist {n}"} for n in range(3)]
    artists.append({"artist_id": "shared", "name": f"as of {number}"})
    genres = [{"artist_id": f"{number}-0", "genre": genre, "position": n} for n, genre in enumerate("xyz")]
    return make(number, {"artists": artists, "artist_genres": genres})


def append(home: Home, first: int) -> None:
    """Append pages for ever; say each number once it is durable."""
    log = LandingFiles(home, segment_bytes=20_000)
    number = first
    while True:
        log.append(page(number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


def land(root: Path, url: str = "") -> None:
    """Land in small rounds, and say when a commit begins.

    Args:
        root: The home.
        url: Where its lake is, when not there.
    """
    commit = Lander._commit  # noqa: SLF001  (the test wants to end the process between two commits)

    def told(self: Lander, batch: Batch, table: str, report: object) -> None:
        sys.stdout.write(f"{table}\n")
        sys.stdout.flush()
        commit(self, batch, table, report)  # type: ignore[arg-type]  # passed on as it came

    Lander._commit = told  # type: ignore[method-assign]  # noqa: SLF001  # as above
    far = place_at(url, load().aws, root) if url else None
    lake = Lake(root, far=far, reader=read, round_bytes=3_000)
    lake.land()


if __name__ == "__main__":
    task, root, *rest = sys.argv[1:]
    if task == "append":
        append(open_home(Path(root)), int(rest[0]))
    else:
        land(Path(root), *rest)
