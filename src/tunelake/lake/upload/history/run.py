"""The upload of a listening history: read it all, then land what is new of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tunelake.collect.ports import Landing
from tunelake.domain.pages import Page, fingerprint, page_id
from tunelake.errors import ConfigError
from tunelake.lake.upload.gzip_file import reading
from tunelake.lake.upload.history.export_zip import Export, Member
from tunelake.lake.upload.history.play import KEPT, Shape, read_play, stripped
from tunelake.lake.upload.history.read import ENDPOINT, page_params
from tunelake.lake.upload.history.report import FileReport, HistoryReport
from tunelake.lake.upload.history.sqlite_seen import About, Seen
from tunelake.lake.upload.lines import REJECTED, rejected_line, taken_line, values_json
from tunelake.lake.upload.report import RejectedRow
from tunelake.lake.upload.typed import Problem

ROWS_A_PAGE = 2000
_EVERY = 1000
_OK = 200
_MOST_USER = 200
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,47}")


class KnownPlay(NamedTuple):
    """A play that is in the lake."""

    user: str
    at: datetime
    track_id: str
    name_id: str | None
    method: str


def is_history(path: Path) -> bool:
    """Tell whether a file is an export of a listening history.

    Raises:
        ConfigError: The file cannot be read.
    """
    with reading(path):
        return Export(path).has_history


def upload_history(
    path: Path,
    *,
    landing: Landing,
    at: datetime,
    known: Iterable[KnownPlay] = (),
    user: str | None = None,
    default_user: str = "me",
    source: str = "spotify",
    rights: str = "owner",
    keep_private: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> HistoryReport:
    """Land the plays of an export that are not known yet; all of them or none.

    Args:
        path: The ZIP, or one JSON file of it.
        landing: Where the pages go.
        at: The time of the upload (UTC, aware).
        known: Plays of the lake.
        user: Whose plays they are, whatever the rows say.
        default_user: Whose those rows are that do not say it.
        source: Name space of the ids.
        rights: Rights tag of the content.
        keep_private: Also keep IP addresses, devices and all other fields in the raw pages.
        progress: Is told the number of rows read, now and then.

    Raises:
        ConfigError: The file is no export, or damaged; nothing was landed.
        Fatal: A disk is full.
    """
    if not _NAME.fullmatch(source):
        raise ConfigError(f"'{source}' is no name for a source: use small letters, digits, '-', '_' and '.'")
    report = HistoryReport(file=str(path), source=source, rights=rights)
    with reading(path), Seen() as seen:
        export = Export(path)
        _require(export, path)
        for one in known:
            seen.know(*one)
        users: dict[str, None] = {}
        work = _Work(report, seen, users, user, default_user, keep_private, progress)
        for member in export.members:
            if member.shape is None:
                report.passed_over.append(member.name)
            else:
                work.read(member, export.rows(member))
        work.finish()
        report.users = list(users)
        for number, (about, body) in enumerate(seen.pages()):
            landing.append(_page(about, body, report, at + timedelta(microseconds=number)))
            report.pages += 1
    return report


def _require(export: Export, path: Path) -> None:
    if not export.has_history:
        names = ", ".join(member.name for member in export.members[:8])
        raise ConfigError(
            f"{path} holds no listening history ({names}): take the ZIP of your account data or of your "
            "extended streaming history, or a JSON file out of it"
        )


class _Work:
    """The rows of one export on their way into pages."""

    def __init__(
        self,
        report: HistoryReport,
        seen: Seen,
        users: dict[str, None],
        user: str | None,
        default_user: str,
        keep_private: bool,
        progress: Callable[[int], None],
    ) -> None:
        self._report = report
        self._seen = seen
        self._users = users
        self._user = user
        self._default_user = default_user
        self._keep_private = keep_private
        self._progress = progress
        self._rows = 0
        self._lines: dict[tuple[str, str], list[bytes]] = {}
        self._waiting = 0
        self._parts: Counter[tuple[str, str]] = Counter()
        self._left_out: Counter[str] = Counter()

    def read(self, member: Member, rows: Iterable[Any]) -> None:
        """Read one file."""
        file = FileReport(file=member.name, shape=str(member.shape))
        for number, values in enumerate(rows, start=1):
            file.rows = number
            self._row(file, number, values)
            if number % _EVERY == 0:
                self._progress(self._rows + number)
        self._flush(file)
        self._rows += file.rows
        self._report.add(file)

    def finish(self) -> None:
        """Add up what concerns the whole export."""
        self._report.left_out = dict(sorted(self._left_out.items()))
        self._progress(self._rows)

    def _row(self, file: FileReport, number: int, values: object) -> None:
        shape: Shape = "extended" if file.shape == "extended" else "account"
        if not isinstance(values, dict):
            problem = Problem(reason="expected an object with named values")
            self._reject(file, number, self._user or self._default_user, {}, problem)
            return
        left = [name for name in values if name not in KEPT[shape]]
        self._left_out.update(left)
        kept = values if self._keep_private else stripped(values, shape)
        play = read_play(values, shape)
        user = self._user or (None if isinstance(play, Problem) else play.user_id) or self._default_user
        if isinstance(play, Problem):
            self._reject(file, number, user, kept, play)
            return
        try:
            body = values_json(kept)
            user = user[:_MOST_USER]
            user.encode()
        except UnicodeEncodeError:
            problem = Problem(reason="holds half of a character (a lone surrogate)")
            self._reject(file, number, self._user or self._default_user, {}, problem)
            return
        if not self._seen.take(user, play):
            file.duplicates += 1
            return
        self._report.take(file, play.played_at)
        self._add(file, user, file.shape, taken_line(number, body, ()))

    def _reject(self, file: FileReport, number: int, user: str, kept: dict[str, Any], why: Problem) -> None:
        self._report.reject(
            file, RejectedRow(row=number, reason=why.reason, column=why.column, value=why.value)
        )
        try:
            body = values_json(kept)
        except UnicodeEncodeError:
            body = b"{}"
        self._add(file, user, "", rejected_line(number, body, why))

    def _add(self, file: FileReport, user: str, shape: str, line: bytes) -> None:
        self._users[user] = None
        lines = self._lines.setdefault((user, shape), [])
        lines.append(line)
        self._waiting += 1
        if len(lines) >= ROWS_A_PAGE:
            self._keep(file, user, shape)
        elif self._waiting >= 10 * ROWS_A_PAGE:
            self._flush(file)

    def _flush(self, file: FileReport) -> None:
        for user, shape in list(self._lines):
            self._keep(file, user, shape)

    def _keep(self, file: FileReport, user: str, shape: str) -> None:
        lines = self._lines.pop((user, shape))
        self._waiting -= len(lines)
        part = self._parts[file.file, shape]
        self._parts[file.file, shape] += 1
        self._seen.keep(About(user, file.file, shape, part), b"".join(line + b"\n" for line in lines))


def _page(about: About, body: bytes, report: HistoryReport, at: datetime) -> Page:
    endpoint = ENDPOINT if about.shape else REJECTED
    params = page_params(about.user, about.file, about.shape, about.part)
    path = f"/{endpoint}"
    return Page(
        page_id=page_id(fingerprint(report.source, path, params), at, body),
        source=report.source,
        rights=report.rights,
        endpoint=endpoint,
        path=path,
        params=params,
        status=_OK,
        fetched_at=at,
        headers={},
        body=body,
    )
