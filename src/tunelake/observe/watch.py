"""Watches a job: notes that it runs, how far it is, what it asks for, and how it ends."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

import msgspec

from tunelake.collect.report import RunReport
from tunelake.errors import ConfigError, Retryable, TunelakeError, was_interrupted
from tunelake.observe import counts as named
from tunelake.observe.budgets import BudgetState
from tunelake.observe.counts import Counts
from tunelake.observe.jobs import LONGEST_WORDS, Job, Outcome
from tunelake.observe.live import Live, with_budget
from tunelake.observe.sqlite_logbook import Logbook

EVERY_S = 1.0
"""How often a job's state is written down; a process that is killed loses the counts of as long."""
LATELY_S = 10.0
REFUSED = frozenset({"429", "quota_exceeded"})

Progress = Callable[[str, int, int | None], None]
"""Is told how far a stage is. One with a method `show` is shown `Live` once a second, from another thread."""


class JobWatch:
    """A progress, for whoever does the job; a `collect.watch.Watch`, too."""

    def __init__(
        self,
        name: str,
        logbook: Logbook,
        progress: Progress,
        budget: Callable[[], BudgetState | None] = lambda: None,
    ) -> None:
        now = datetime.now(UTC)
        self.job = Job(id=uuid4().hex, name=name, pid=os.getpid(), started_at=now, updated_at=now)
        self.counts = Counts()
        self._budget = budget
        self._logbook = logbook
        self._progress = progress
        self._show: Callable[[Live], None] | None = getattr(progress, "show", None)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._lately: deque[float] = deque(maxlen=10_000)
        self._stage_began = monotonic()

    def __call__(self, stage: str, done: int, total: int | None, /) -> None:
        """A stage goes on."""
        with self._lock:
            if stage != self.job.stage:
                self._stage_began = monotonic()
            self.job = msgspec.structs.replace(self.job, stage=stage, done=done, total=total)
        self._progress(stage, done, total)

    def answered(self, source: str, route: str, outcome: str, seconds: float) -> None:
        """A request ended."""
        self.counts.add(named.REQUESTS, source, route, outcome)
        self.counts.add(named.REQUEST_SECONDS, source, route, by=seconds)
        with self._lock:
            self._lately.append(monotonic())
            self.job = msgspec.structs.replace(
                self.job, requests=self.job.requests + 1, refused=self.job.refused + (outcome in REFUSED)
            )

    def waited(self, seconds: float) -> None:
        """Something has waited."""
        self.counts.add(named.WAIT_SECONDS, by=seconds)

    def ends(self, outcome: Outcome, says: str = "", *, gaps: int = 0, until: datetime | None = None) -> None:
        """Say how the job ended; the first to say so is believed."""
        with self._lock:
            if self.job.outcome == "running":
                self.job = msgspec.structs.replace(
                    self.job, outcome=outcome, says=says[:LONGEST_WORDS], gaps=gaps, until=until
                )

    def reported(self, report: RunReport) -> RunReport:
        """Take the end from the report of a collection, and pass it on."""
        outcome: Outcome = "parked" if report.parked_until else "gaps" if report.gaps else "done"
        says = report.gaps[0].reason if report.gaps else ""
        self.ends(outcome, says, gaps=len(report.gaps), until=report.parked_until)
        return report

    def live(self) -> Live:
        """How it goes now."""
        with self._lock:
            now = monotonic()
            job, rate = self.job, self._rate(now)
            gone = now - self._stage_began
            left = None
            if job.total and job.done and gone > 1:
                left = gone / job.done * (job.total - job.done)
        return Live(rate=rate, requests=job.requests, refused=job.refused, left_s=left)

    def write(self) -> None:
        """Write down how it stands; what cannot be written now is written later."""
        grown = self.counts.take()
        with self._lock:
            rate = round(self._rate(monotonic()), 2)
            self.job = msgspec.structs.replace(self.job, updated_at=datetime.now(UTC), rate=rate)
        try:
            self._logbook.add(grown, self.job)
        except ConfigError:
            # Whoever needs the control database says what is wrong with it; a job does not fail over counts.
            self.counts.give_back(grown)

    def run(self) -> None:
        """Write and show, now and then, until it is over."""
        while not self._stop.wait(EVERY_S):
            self.write()
            if self._show:
                self._show(with_budget(self.live(), self._budget()))

    def close(self) -> None:
        """Write down the end."""
        self._stop.set()
        self.ends("done")
        with self._lock:
            self.job = msgspec.structs.replace(self.job, ended_at=datetime.now(UTC))
        self.counts.add(named.JOBS, self.job.name, self.job.outcome)
        self.write()

    def _rate(self, now: float) -> float:
        while self._lately and now - self._lately[0] > LATELY_S:
            self._lately.popleft()
        began = (datetime.now(UTC) - self.job.started_at).total_seconds()
        return len(self._lately) / min(LATELY_S, max(began, 1.0))


@contextmanager
def watching(
    name: str,
    logbook: Logbook,
    progress: Progress,
    budget: Callable[[], BudgetState | None] = lambda: None,
) -> Iterator[JobWatch]:
    """Watch a job while the block runs; an exception tells how it ended.

    Args:
        name: What it does; one of a few names.
        logbook: Where it is written down.
        progress: Is told how far it is, too.
        budget: Tells what is known of the limits.
    """
    watch = JobWatch(name, logbook, progress, budget)
    writer = threading.Thread(target=watch.run, name="watch", daemon=True)
    with logbook.alive(watch.job.id):
        watch.write()
        with suppress(ConfigError):
            logbook.forget_old()
        writer.start()
        try:
            yield watch
        except BaseException as error:
            watch.ends(*_end(error))
            raise
        finally:
            watch.close()
            writer.join()


def _end(error: BaseException) -> tuple[Outcome, str]:
    if was_interrupted(error):
        return "interrupted", "by its user; the same command goes on"
    if isinstance(error, Retryable):
        until = f" (until {error.until:%Y-%m-%d %H:%M:%S} UTC)" if error.until else ""
        return "parked", f"{error}{until}"
    if isinstance(error, ConfigError):
        return "refused", str(error)
    return "failed", str(error) if isinstance(error, TunelakeError) else type(error).__name__
