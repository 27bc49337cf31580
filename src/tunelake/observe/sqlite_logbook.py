"""Jobs and counts in the control database, by SQLite itself: quick to open, and safe beside whoever writes.

A job that runs holds a lock on a file of its own. The lock ends with the process, however it ends, so a job
without an end whose file can be locked has died.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tunelake.errors import ConfigError
from tunelake.observe.counts import COUNTS, Key
from tunelake.observe.jobs import Job

KEPT_JOBS = 500
_WAIT_S = 5.0
_SEPARATOR = "\x1f"
_SCHEMA = """
create table if not exists counts (
  name text not null, labels text not null, value real not null, primary key (name, labels)
) without rowid;
create table if not exists jobs (id text primary key, started_at text not null, body text not null);
create index if not exists jobs_started_at on jobs (started_at);
"""
_ADD = """
insert into counts (name, labels, value) values (?, ?, ?)
on conflict (name, labels) do update set value = value + excluded.value
"""


class Logbook:
    """The jobs and counts of one home; each call opens the database for a moment.

    Args:
        control: The control database; made by whoever writes first.
        locks: The folder of the files that processes lock.
    """

    def __init__(self, control: Path, locks: Path) -> None:
        self._control = control
        self._locks = locks / "jobs"

    def add(self, counts: Mapping[Key, float], job: Job | None = None) -> None:
        """Let counts grow, and tell how a job stands; both or neither.

        Raises:
            ConfigError: The control database cannot be used.
        """
        rows = [(name, _SEPARATOR.join(labels), value) for (name, labels), value in counts.items()]
        with self._writing() as database:
            database.executemany(_ADD, rows)
            if job:
                body = msgspec.json.encode(job).decode()
                row = (job.id, job.started_at.isoformat(), body)
                database.execute("insert or replace into jobs values (?, ?, ?)", row)

    @contextmanager
    def alive(self, job_id: str) -> Iterator[None]:
        """Say that a job goes on while the block runs."""
        self._locks.mkdir(parents=True, exist_ok=True)
        path = self._locks / job_id
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(file)

    def counts(self) -> dict[Key, float]:
        """Everything that was ever counted."""
        rows = self._read("select name, labels, value from counts")
        found: dict[Key, float] = {}
        for name, labels, value in rows:
            key = (name, tuple(labels.split(_SEPARATOR)) if labels else ())
            if name in COUNTS and len(key[1]) == len(COUNTS[name].labels):
                found[key] = value
        return found

    def jobs(self, most: int = KEPT_JOBS) -> list[Job]:
        """The last jobs, the newest first; one whose process ended without a word has died."""
        rows = self._read("select body from jobs order by started_at desc limit ?", most)
        jobs = (msgspec.json.decode(body, type=Job) for (body,) in rows)
        return [job if job.ended_at or self._is_alive(job.id) else _died(job) for job in jobs]

    def forget_old(self) -> None:
        """Note the end of jobs that died, and forget all but the last ones."""
        for job in self.jobs():
            if job.outcome == "died":
                (self._locks / job.id).unlink(missing_ok=True)
                self.add({}, job)
        with self._writing() as database:
            database.execute(
                "delete from jobs where id not in (select id from jobs order by started_at desc limit ?)",
                (KEPT_JOBS,),
            )

    def _is_alive(self, job_id: str) -> bool:
        try:
            file = os.open(self._locks / job_id, os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        if not self._control.exists():
            return []
        try:
            with closing(sqlite3.connect(f"file:{self._control}?mode=ro", uri=True, timeout=_WAIT_S)) as base:
                return base.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise _unusable(self._control, error) from error
        except sqlite3.DatabaseError as error:
            raise _unusable(self._control, error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._control, timeout=_WAIT_S)) as database:
                database.execute("pragma journal_mode = wal")
                # What is lost in a power cut is a second of counts.
                database.execute("pragma synchronous = normal")
                database.executescript(_SCHEMA)
                with database:
                    yield database
        except sqlite3.DatabaseError as error:
            raise _unusable(self._control, error) from error


def _died(job: Job) -> Job:
    return msgspec.structs.replace(
        job, outcome="died", ended_at=job.updated_at, says="its process ended without a word"
    )


def _unusable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(
        f"the control database {path} cannot be used ({error}): if it is damaged, "
        "`tunelake ledger --rebuild` makes it anew from the answers that are kept"
    )
