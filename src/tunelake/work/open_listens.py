"""What a user of ListenBrainz listened to, since the last that the lake knows."""

from __future__ import annotations

from tunelake.collect.jobs.open_job import collect_open_listens as collect
from tunelake.collect.report import RunReport
from tunelake.collect.tally import Progress
from tunelake.lake.history.latest import literal
from tunelake.lake.lake import Lake
from tunelake.settings import Settings
from tunelake.sources.listenbrainz.rows import SOURCE

LATE_S = 86_400
"""Listens that a program sends late are found when they are at most so much older than the newest known."""


def collect_open_listens(
    lake: Lake, settings: Settings, user: str, progress: Progress | None = None
) -> RunReport:
    """Collect, and leave what came in the landing log.

    Raises:
        ConfigError: The name cannot be one, or nothing answers.
        Retryable: Another process is landing this home.
    """
    lake.land()
    query = (
        "SELECT max(epoch(played_at)) AS at FROM listens_history "  # noqa: S608  (quoted)
        f"WHERE source = {literal(SOURCE)} AND user_id = {literal(user)}"
    )
    newest = lake.sql(query).read_all().column("at").to_pylist()[0]
    after = 0 if newest is None else max(0, int(newest) - LATE_S)
    return collect(
        settings, lake.landing, user=user, after=after, ledger_path=lake.home.control, progress=progress
    )
