"""Which plays were met before, and pages that wait to be landed.

The same play is told in three ways: by a poll to the millisecond, by the extended export to the second, by
the account data to the minute and without an id.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from tunelake.lake.upload.history.play import Play
from tunelake.lake.upload.sqlite_scratch import Scratch

NEAR_MS = 30_000
"""Only plays of more than 30 s are told by a poll, so two of one track are never nearer than that."""
_MINUTE_MS = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class About(msgspec.Struct, frozen=True):
    """Whose rows of which file a waiting page holds; `shape` is empty for rows that cannot be taken."""

    user: str
    file: str
    shape: str
    part: int


class Seen(Scratch):
    """The plays of one upload and those known before it."""

    _HOLDS = "plays"
    _SCHEMA = """
        create table plays (at integer, what integer, primary key (at, what)) without rowid;
        create table polled (what integer, at integer, primary key (what, at)) without rowid;
        create table named (minute integer, what integer, primary key (minute, what)) without rowid;
        create table minutes (minute integer, what integer, primary key (minute, what)) without rowid;
        create table pages (n integer primary key, about blob not null, body blob not null);
    """

    def __init__(self) -> None:
        super().__init__()
        self._any_polled = False
        self._any_minutes = False

    def know(self, user: str, at: datetime, track_id: str, name_id: str | None, method: str) -> None:
        """Take note of a play that is in the lake."""
        moment = _ms(at)
        what = hash((user, track_id))
        self._db.execute("insert or ignore into plays values (?, ?)", (moment, what))
        if method == "poll":
            self._any_polled = True
            self._db.execute("insert or ignore into polled values (?, ?)", (what, moment))
        if name_id is not None:
            self._name(hash((user, name_id)), moment, method)

    def take(self, user: str, play: Play) -> bool:
        """Take note of a play of the upload; False when it is known already."""
        moment = _ms(play.played_at)
        what = hash((user, play.track_id))
        name_id = play.name_id
        name = hash((user, name_id)) if name_id is not None else None
        if self._met(play, moment, what, name):
            return False
        added = self._db.execute("insert or ignore into plays values (?, ?)", (moment, what)).rowcount
        if added and name is not None:
            self._name(name, moment, play.method)
        return bool(added)

    def keep(self, about: About, body: bytes) -> None:
        """Keep a page until all is read."""
        self._db.execute("insert into pages (about, body) values (?, ?)", (msgspec.json.encode(about), body))

    def pages(self) -> Iterator[tuple[About, bytes]]:
        """The kept pages, in the order they came."""
        for about, body in self._db.execute("select about, body from pages order by n"):
            yield msgspec.json.decode(about, type=About), body

    def _met(self, play: Play, moment: int, what: int, name: int | None) -> bool:
        if play.method == "account":
            return name is not None and self._has("named", moment // _MINUTE_MS, name)
        long_enough = play.ms_played is None or play.ms_played >= NEAR_MS
        if self._any_polled and long_enough and self._near(what, moment):
            return True
        return self._any_minutes and name is not None and self._has("minutes", moment // _MINUTE_MS, name)

    def _near(self, what: int, moment: int) -> bool:
        span = (what, moment - NEAR_MS + 1, moment + NEAR_MS - 1)
        query = "select 1 from polled where what = ? and at between ? and ?"
        return self._db.execute(query, span).fetchone() is not None

    def _has(self, table: str, minute: int, name: int) -> bool:
        query = f"select 1 from {table} where minute = ? and what = ?"  # noqa: S608  (one of two names)
        return self._db.execute(query, (minute, name)).fetchone() is not None

    def _name(self, name: int, moment: int, method: str) -> None:
        minute = moment // _MINUTE_MS
        if method == "account":
            self._any_minutes = True
            self._db.execute("insert or ignore into minutes values (?, ?)", (minute, name))
        spread = (-1, 0, 1) if method == "poll" else (0,)
        for step in spread:
            self._db.execute("insert or ignore into named values (?, ?)", (minute + step, name))


def _ms(moment: datetime) -> int:
    gone = moment - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1000 + gone.microseconds // 1000
