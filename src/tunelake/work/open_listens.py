"""What a user of ListenBrainz listened to, since the last that the lake knows."""

from __future__ import annotations

import msgspec

from tunelake.collect.jobs.open_job import collect_open_listens as collect
from tunelake.collect.report import RunReport
from tunelake.collect.tally import Progress
from tunelake.lake.history.latest import literal
from tunelake.lake.lake import Lake
from tunelake.settings import Settings
from tunelake.sources.listenbrainz.rows import SOURCE

LATE_S = 86_400
"""Listens that a program sends late are found when they are at most so much older than the newest known."""


class KnownListens(msgspec.Struct, frozen=True):
    """What the lake knows of the listens of a user; times in seconds since 1970."""

    count: int
    oldest: int | None
    newest: int | None

    @property
    def after(self) -> int:
        """From when on the next run asks."""
        return 0 if self.newest is None else max(0, self.newest - LATE_S)


def known_listens(lake: Lake, user: str) -> KnownListens:
    """Land what waits, and count.

    Raises:
        Retryable: Another process is landing this home.
    """
    lake.land()
    query = (
        "SELECT count(DISTINCT played_at), min(epoch(played_at))::BIGINT, max(epoch(played_at))::BIGINT "  # noqa: S608  (quoted)
        f"FROM listens_history WHERE source = {literal(SOURCE)} AND user_id = {literal(user)}"
    )
    found = lake.sql(query).read_all().to_pylist()[0]
    return KnownListens(*found.values())


def collect_open_listens(
    lake: Lake, settings: Settings, user: str, progress: Progress | None = None
) -> RunReport:
    """Collect, and leave what came in the landing log.

    Raises:
        ConfigError: The name cannot be one, or nothing answers.
        Retryable: Another process is landing this home.
    """
    after = known_listens(lake, user).after
    return collect(
        settings, lake.landing, user=user, after=after, ledger_path=lake.home.control, progress=progress
    )
