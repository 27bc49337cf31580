"""Listening history: exports and polls into the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tunelake.collect.jobs.tracks import withdraw
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.poll import PollReport, poll
from tunelake.collect.ports import Clock, Ledger
from tunelake.collect.tally import Progress
from tunelake.errors import ConfigError, Fatal
from tunelake.lake.history.latest import literal
from tunelake.lake.lake import Lake
from tunelake.lake.upload.history.play import named
from tunelake.lake.upload.history.run import KnownPlay, upload_history
from tunelake.lake.upload.history.sqlite_seen import NEAR_MS
from tunelake.settings import Settings
from tunelake.work.played import PLAYED, wanted_tracks

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


def collect_listens(
    lake: Lake, settings: Settings, files: LoginFiles, clock: Clock, progress: Progress | None = None
) -> PollReport:
    """Ask what the logged-in user played lately, and land it.

    Raises:
        ConfigError: Nobody is logged in, or the login has ended.
        Retryable: There is no answer now, or another process is landing this home.
    """
    login = files.read()
    if login is None:
        raise ConfigError("nobody is logged in: run `tunelake login`")
    lake.land()
    query = (
        "SELECT max(epoch_ms(played_at)) AS at FROM listens_history WHERE method = 'poll' "  # noqa: S608  (quoted)
        f"AND source = {literal(login.source)} AND user_id = {literal(login.user_id)}"
    )
    last = lake.sql(query).read_all().column("at").to_pylist()[0]

    def known(plays: list[tuple[datetime, str]]) -> set[datetime]:
        if not plays:
            return set()
        since = int(min(at for at, _ in plays).timestamp() * 1000) - NEAR_MS
        found = [one for one in known_plays(lake, login.source, login.user_id, since) if one.method != "poll"]
        return {
            at
            for at, track_id in plays
            for one in found
            if one.track_id == track_id and abs(one.at - at) < timedelta(milliseconds=NEAR_MS)
        }

    newest = None if last is None else datetime.fromtimestamp(last / 1000, UTC)
    control = lake.home.control
    return poll(settings, lake.landing, control, files, clock, newest=newest, known=known, progress=progress)


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased when a user left.

    Attributes:
        rows: Rows by table.
        pages: Raw answers.
        torn: Ends of half-written answers that were kept aside; whose they were, nobody can tell.
    """

    user_id: str
    source: str
    rows: dict[str, int]
    pages: int
    torn: int = 0


def log_out(
    lake: Lake,
    files: LoginFiles,
    *,
    user: str | None = None,
    source: str = "spotify",
    ledger: Ledger | None = None,
    at: datetime | None = None,
) -> Left:
    """Erase what was a user's: plays, the answers they came from, and, of the logged-in one, the tokens.

    Args:
        lake: Where it is.
        files: The login.
        user: Whose; None: of who is logged in.
        source: Name space of a given user's id.
        ledger: Where tracks are wanted because of what was played; None leaves it alone.
        at: The time, for the ledger.

    Raises:
        ConfigError: Nobody is logged in.
        Retryable: Another process is landing this home.
        Fatal: A file cannot be written; run it again.
    """
    from tunelake.lake.erasure.delta_erasure import erase_user

    login = files.read()
    if user is None:
        if login is None:
            raise ConfigError("nobody is logged in; to erase the plays of somebody: --user ID")
        user, source = login.user_id, login.source
    lake.land()
    erased = erase_user(lake.home, source, user)
    torn = _clear(lake.home.torn)
    if ledger is not None:
        still = {one.id for one in wanted_tracks(lake, source)}
        withdraw(ledger, PLAYED, still, at or datetime.now(UTC))
    # The tokens last: they tell whose rows are to go, should this have to be done again.
    if login is not None and login.user_id == user:
        files.erase()
    return Left(user_id=user, source=source, rows=erased.rows, pages=erased.pages, torn=torn)


def _clear(folder: Path) -> int:
    """Remove the files of a folder; how many they were."""
    files = [path for path in folder.iterdir() if path.is_file()]
    try:
        for path in files:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise Fatal(f"cannot remove {error.filename}: {error.strerror}; run it again") from error
    return len(files)


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
