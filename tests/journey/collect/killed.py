"""A collection in a process of its own, which a test kills: `python -m tests.journey.collect.killed JSON`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import msgspec

from tunelake.collect.jobs.job import collect_artists
from tunelake.collect.report import RunReport
from tunelake.lake.lake import Lake
from tunelake.settings import Secret, Settings

PARTS = ("albums", "tracks", "top-tracks", "features", "related")


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What to do where."""

    home: str
    api_url: str
    accounts_url: str
    client_id: str
    client_secret: str
    names: list[str] = []


def settings(task: Task) -> Settings:
    return Settings(
        home=Path(task.home),
        spotify_api_url=task.api_url,
        spotify_accounts_url=task.accounts_url,
        spotify_client_id=task.client_id,
        spotify_client_secret=Secret(task.client_secret),
    )


def collect(task: Task) -> RunReport:
    lake = Lake(Path(task.home))
    return collect_artists(
        settings(task), lake.landing, ledger_path=lake.home.control, names=task.names, with_=PARTS
    )


if __name__ == "__main__":
    # What is imported late is imported now, so that the test's time goes into collecting.
    for module in ("aiohttp", "tunelake.collect.ledger.sql_ledger"):
        import_module(module)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    told = collect(msgspec.json.decode(sys.argv[1], type=Task))
    sys.stdout.write(f"{told.exit_code}\n")
