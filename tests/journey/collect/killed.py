"""Collections in processes of their own, which a test kills: `python -m tests.journey.collect.killed`.

A task a line comes in; what is imported late is imported once, and each task is a fork of that.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from subprocess import PIPE

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


class Killable:
    """Starts collections, each in a process that can be killed."""

    def __init__(self, repository: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=repository, stdin=PIPE, stdout=PIPE, text=True, bufsize=1
        )

    def start(self, task: Task) -> int:
        """Start a collection; gives its process id."""
        assert self._process.stdin
        self._process.stdin.write(msgspec.json.encode(task).decode() + "\n")
        return int(self._line())

    def status(self) -> int:
        """Wait for its end; gives its exit code, negative for the signal that ended it."""
        return int(self._line())

    def close(self) -> None:
        """Start no more."""
        self._process.communicate(timeout=20)

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


def _serve() -> None:
    for module in ("aiohttp", "tunelake.collect.ledger.sql_ledger"):
        import_module(module)
    for line in sys.stdin:
        task = msgspec.json.decode(line, type=Task)
        pid = os.fork()
        if pid == 0:
            os._exit(collect(task).exit_code)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
