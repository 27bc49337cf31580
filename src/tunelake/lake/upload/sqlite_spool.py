"""Where rows wait until all of a file has been read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from tunelake.domain.pages import Page
from tunelake.lake.upload.pages import Waiting
from tunelake.lake.upload.sqlite_scratch import Scratch

# SQLite takes the other columns of `min` from the row that holds the minimum.
_SETTLE = """
create table firsts (tab text, key text, n integer, hash blob, primary key (tab, key)) without rowid;
insert into firsts select tab, key, min(n), hash from told group by tab, key;
create index firsts_n on firsts (n);
create table units (unit text primary key, first integer) without rowid;
insert into units select unit, min(n) from rows group by unit;
"""
# "cross join" keeps the order of the loops: always a scan of the left, a look-up on the right.
_IN_ORDER = """
select rows.n, rows.unit, rows.body,
  (select json_group_array(json_array(tab, key)) from firsts where firsts.n = rows.n)
from rows cross join units on units.unit = rows.unit order by units.first, rows.n
"""
_CONFLICTS = """
select told.tab, told.key, told.n, firsts.n
from told cross join firsts on firsts.tab = told.tab and firsts.key = told.key
where told.hash <> firsts.hash order by told.n
"""


class Conflict(msgspec.Struct, frozen=True):
    """Two rows that say different things about one thing; the first is believed."""

    table: str
    key: str
    row: int
    believed: int


class Spool(Scratch):
    """The rows of one file."""

    _HOLDS = "rows"
    _SCHEMA = """
        create table rows (n integer primary key, unit text not null, body blob not null);
        create table told (tab text not null, key text not null, n integer not null, hash blob not null);
        create table rejected (n integer primary key, body blob not null);
        create table pages (n integer primary key, page blob not null);
    """

    def take(
        self, rows: Iterable[tuple[int, str, bytes]], told: Iterable[tuple[str, str, int, bytes]]
    ) -> None:
        """Keep good rows (number, unit, body) and what they tell (table, key, number, hash of the values)."""
        self._db.executemany("insert into rows values (?, ?, ?)", rows)
        self._db.executemany("insert into told values (?, ?, ?, ?)", told)

    def reject(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Keep rows (number, line) that cannot be taken."""
        self._db.executemany("insert into rejected values (?, ?)", rows)

    def settle(self) -> None:
        """Find out, once all rows are here, which row speaks for what."""
        self._db.executescript(_SETTLE)

    def taken(self) -> Iterator[Waiting]:
        """The good rows, those of one unit together, else in the file's order."""
        for row, unit, body, tells in self._db.execute(_IN_ORDER):
            yield Waiting(row, unit, body, msgspec.json.decode(tells, type=frozenset[tuple[str, str]]))

    def rejects(self) -> Iterator[bytes]:
        """The rows that cannot be taken, in the file's order."""
        return (body for (body,) in self._db.execute("select body from rejected order by n"))

    def keep(self, made: Iterable[Page]) -> Iterator[Page]:
        """Keep pages on their way."""
        for page in made:
            self._db.execute("insert into pages (page) values (?)", (msgspec.msgpack.encode(page),))
            yield page

    def kept(self) -> Iterator[Page]:
        """The pages that were kept."""
        decode = msgspec.msgpack.Decoder(Page).decode
        return (decode(page) for (page,) in self._db.execute("select page from pages order by n"))

    def conflicts(self) -> Iterator[Conflict]:
        """The rows that were not believed on something."""
        return (Conflict(*found) for found in self._db.execute(_CONFLICTS))
