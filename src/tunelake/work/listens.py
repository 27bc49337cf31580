"""Listening history: exports and polls into the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tunelake.collect.ports import Clock
from tunelake.lake.lake import Lake
from tunelake.lake.latest import literal
from tunelake.lake.upload.history.play import named
from tunelake.lake.upload.history.run import KnownPlay, upload_history

if TYPE_CHECKING:
    from tunelake.lake.upload.history.report import HistoryReport

_COLUMNS = "user_id, epoch_ms(played_at) AS at, track_id, artist_name, track_name, method"


def upload_listens(
    lake: Lake,
    path: Path,
    clock: Clock,
    *,
    user: str | None = None,
    default_user: str = "me",
    source: str = "spotify",
    rights: str = "owner",
    keep_private: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> HistoryReport:
    """Take an export of a listening history into the landing log, without the plays that are known.

    Args:
        lake: Where it goes; what waits in its landing log is landed first, since it may hold known plays.
        path: The ZIP, or one JSON file of it.
        clock: Tells the time of the upload.
        user: Whose plays they are, whatever the rows say.
        default_user: Whose those rows are that do not say it.
        source: Name space of the ids.
        rights: Rights tag of the content.
        keep_private: Also keep IP addresses, devices and the like in the raw pages.
        progress: Is told the number of rows read, now and then.

    Raises:
        ConfigError: The file is no export, or damaged; nothing was landed.
        Retryable: Another process is landing this home.
        Fatal: A disk is full.
    """
    lake.land()
    return upload_history(
        path,
        landing=lake.landing,
        at=clock.now(),
        known=known_plays(lake, source),
        user=user,
        default_user=default_user,
        source=source,
        rights=rights,
        keep_private=keep_private,
        progress=progress,
    )


def known_plays(lake: Lake, source: str, user: str | None = None, since: int = 0) -> Iterator[KnownPlay]:
    """Read the plays of the lake, piece by piece, in no order; one may come twice.

    Args:
        lake: Where they are.
        source: Name space of the ids.
        user: Of whom alone; None for everybody.
        since: From when on, in milliseconds since 1970.
    """
    # The history is a plain scan; the current state would need all plays in memory.
    query = f"SELECT {_COLUMNS} FROM listens_history WHERE source = {literal(source)}"  # noqa: S608  (quoted)
    if user is not None:
        query += f" AND user_id = {literal(user)}"
    if since:
        query += f" AND played_at >= make_timestamptz({since} * 1000)"
    for batch in lake.sql(query):
        columns = (batch.column(name).to_pylist() for name in batch.schema.names)
        for who, at, track_id, artist, title, method in zip(*columns, strict=True):
            moment = datetime.fromtimestamp(at / 1000, UTC)
            yield KnownPlay(who, moment, track_id, named(artist, title), method)
