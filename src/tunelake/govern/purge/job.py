"""The purge: erases an artist, a user or a source everywhere, waits for readers, searches, and proves.

Every step can be done again. What is under way stands in one file; whoever comes next goes on with it.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from tunelake.errors import ConfigError, Fatal
from tunelake.govern.purge import pending, proof, sqlite_rows, stores
from tunelake.govern.purge.decoded_files import search_control, search_far, search_home, search_stores
from tunelake.govern.purge.pending import Pending
from tunelake.govern.purge.proof import Proof
from tunelake.govern.purge.residue import PlainSearch, Residue
from tunelake.lake.erasure import duckdb_coverage, duckdb_rows, landing_search
from tunelake.lake.erasure.delta_retire import retire
from tunelake.lake.history.delta_coverage import PART as COVERAGE
from tunelake.lake.history.snapshot_delta import drop as drop_snapshots
from tunelake.lake.home import Home
from tunelake.lake.lake import Lake
from tunelake.lake.landing.landings import landing_of
from tunelake.lake.locks.exclusive import exclusive
from tunelake.lake.locks.leases import wait_until_free
from tunelake.lake.subjects import suppressed
from tunelake.lake.subjects.keyed import key_of
from tunelake.lake.subjects.pages import Pages
from tunelake.lake.subjects.subject import Subject
from tunelake.lake.tables.duckdb_tables import open_memory
from tunelake.work.stores import Stores

_ROUNDS = 3
Progress = Callable[[str, int, int | None], None]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a purge would erase.

    Attributes:
        subject: Whom it is about.
        counts: Rows, answers and so on that tell of it, by place.
    """

    subject: Subject
    counts: dict[str, int]


def look(lake: Lake, subject: Subject, control: str = "") -> Preview:
    """Count what tells of somebody; nothing is changed.

    Args:
        lake: The lake; all that was appended has been landed.
        subject: Who.
        control: The database of control state that is not in the home; empty for none.

    Raises:
        Retryable: Another process is landing this home.
        Fatal: A table cannot be read.
    """
    home = lake.home
    whole, part = landing_search.counted(home, subject)
    counts = {"answers, as a whole": whole, "answers, in part": part}
    with open_memory(home) as connection:
        duckdb_rows.prepare(connection, subject, Pages())
        counts |= _placed("table", duckdb_rows.counted(connection, home.tables, subject))
        counts |= _placed("mart", duckdb_rows.others_counted(connection, home.marts, subject))
        counts |= _placed("own table", duckdb_rows.others_counted(connection, home.own, subject))
    counts |= _control(home, subject, control, change=False)
    return Preview(subject=subject, counts={place: count for place, count in counts.items() if count})


def purge(
    lake: Lake,
    serving: Stores | None,
    subject: Subject | None,
    *,
    now: Callable[[], datetime],
    market: str,
    control: str = "",
    wait_seconds: float = 60.0,
    progress: Progress,
) -> Proof:
    """Erase somebody everywhere, and prove it.

    Args:
        lake: The lake; all that was appended has been landed.
        serving: The stores that serve; None when nothing was ever published.
        subject: Who; None: whoever a purge under way is about.
        now: Tells the time.
        market: The market whose top tracks documents show.
        control: The database of control state that is not in the home; empty for none.
        wait_seconds: How long to wait for readers of old files.
        progress: Told of each stage.

    Raises:
        Retryable: Readers hold old files, or another process works on the home; to be gone on with.
        ConfigError: No purge is under way, and nobody is named.
        Fatal: Something cannot be written, or something is left that cannot be erased.
    """
    home = lake.home
    with _alone(home):
        state = pending.read(home)
        if state is None:
            if subject is None:
                raise ConfigError("no purge is under way: there is nothing to go on with")
            state = Pending(subject=subject, began_at=now())
            pending.write(home, state)
        if state.subject.kind != "source":
            suppressed.add(home, state.subject, state.began_at)
        job = _Purge(lake, serving, state, market, control, wait_seconds, progress)
        left = job.run()
        done = proof.prove(
            key_of(home), state.subject, state.began_at, now(), state.counts, left, job.written
        )
        if left.total:
            raise Fatal(
                f"{left.total} mentions are left in {', '.join(left.places()[:5])}: run "
                "`tunelake purge --resume`; if they stay, tell us"
            )
        proof.write(home, done)
        pending.forget(home)
    return done


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Be the only one who writes tables of this home."""
    with ExitStack() as stack:
        for name in ("purge", "maintenance", "own", "lander"):
            stack.enter_context(exclusive(home, name))
        yield


class _Purge:
    """One purge under way."""

    def __init__(
        self,
        lake: Lake,
        serving: Stores | None,
        state: Pending,
        market: str,
        control: str,
        wait_seconds: float,
        progress: Progress,
    ) -> None:
        self.written = 0
        self._lake = lake
        self._home = lake.home
        self._stores = serving
        self._state = state
        self._subject = state.subject
        self._market = market
        self._database = control
        self._wait_seconds = wait_seconds
        self._progress = progress

    def run(self) -> Residue:
        """Erase and search, again when something was written meanwhile."""
        left = Residue()
        for round_ in range(_ROUNDS):
            self._stage("answers", self._answers)
            self._stage("tables", self._tables)
            self._stage("ledger", self._ledger)
            self._stage("stores", lambda: self._serving(everything=round_ > 0))  # noqa: B023  (called at once)
            self._stage("readers", lambda: wait_until_free(self._home, wait_seconds=self._wait_seconds))
            self._stage("old versions", self._retire)
            left = self._search()
            if not left.total:
                break
        return left

    def _stage(self, name: str, do: Callable[[], object]) -> None:
        self._progress(name, 0, 1)
        do()
        pending.write(self._home, self._state)
        self._progress(name, 1, 1)

    def _answers(self) -> None:
        found = landing_search.saying(landing_of(self._home).pages(), self._subject)
        known = set(self._state.places)
        places = [(one.segment, one.offset, one.length) for one in found]
        self._state.places += [place for place in places if place not in known]
        pending.write(self._home, self._state)
        self._count({"answers": landing_search.erase(self._home, places, self._subject)})
        self.written += sum(length for *_, length in places)
        for folder in (self._home.torn, self._home.spill):
            self._count({f"files in {folder.name}": _clear(folder)})
        self._home.replay.clear()

    def _tables(self) -> None:
        home = self._home
        pages = landing_search.told(home, self._state.places)
        with open_memory(home) as connection:
            duckdb_rows.prepare(connection, self._subject, pages)
            found = duckdb_rows.counted(connection, home.tables, self._subject)
            duckdb_coverage.erase(connection, home, self._subject, found)
            self.written += duckdb_rows.erase(connection, home.tables, self._subject, found, len(pages.cut))
            self._count(_placed("table", found))
            beside = duckdb_rows.beside(connection, home.marts, self._subject)
            self._state.beside = sorted({*self._state.beside, *beside})
            pending.write(home, self._state)
            for what, root in (("mart", home.marts), ("own table", home.own)):
                others = duckdb_rows.others_counted(connection, root, self._subject)
                self.written += duckdb_rows.erase_others(connection, root, self._subject, others)
                self._count(_placed(what, others))

    def _ledger(self) -> None:
        self._count(_control(self._home, self._subject, self._database, change=True))

    def _serving(self, *, everything: bool) -> None:
        everything = everything or self._subject.kind != "artist"
        ids = {*self._subject.entities, *self._state.beside}
        if self._stores is not None:
            stores.erase(self._lake, self._stores, ids, self._market, everything=everything)

    def _retire(self) -> None:
        for root in (self._home.tables, self._home.marts, self._home.own):
            for name in root.tables():
                retire(root / name)
        retire(self._home.at(COVERAGE))
        drop_snapshots(self._home)
        _clear(self._home.root / "cache")  # copies of files of a lake that is far away

    def _search(self) -> Residue:
        self._progress("search", 0, 1)
        search = PlainSearch(self._subject)
        found = search_home(self._home, search, pending.path_of(self._home))
        if self._home.far is not None:
            search_far(self._home.far, found, search)
        search_control(self._database, found, search)
        if self._stores is not None:
            search_stores(self._stores.catalogue, self._stores.documents, self._stores.names, found, search)
        if self._subject.kind != "artist" or self._subject.short:
            # What is too short to be looked for in any text is asked for where it may stand.
            for place, count in look(self._lake, self._subject, self._database).counts.items():
                found.ids[place] = count
        self._progress("search", 1, 1)
        return found

    def _count(self, counts: dict[str, int]) -> None:
        for place, count in counts.items():
            if count:
                self._state.counts[place] = self._state.counts.get(place, 0) + count


def _placed(what: str, counts: dict[str, int]) -> dict[str, int]:
    return {f"{what} {name}": count for name, count in counts.items()}


def _control(home: Home, subject: Subject, database: str, *, change: bool) -> dict[str, int]:
    """The ledger, the jobs, and databases that were moved aside."""
    found: dict[str, int] = {}
    for path in sqlite_rows.databases(home.root, home.serving):
        try:
            counts = sqlite_rows.erase(path, subject, change=change)
        except Fatal:
            # What was moved aside because it is damaged cannot be cleared, so it goes.
            if path == home.control:
                raise
            counts = {"damaged, the whole file": 1}
            if change:
                path.unlink(missing_ok=True)
        found |= _placed(f"{path.relative_to(home.root)}:", counts)
    if database:
        from tunelake.govern.purge import postgres_rows

        found |= _placed("control database:", postgres_rows.erase(database, subject, change=change))
    return found


def _clear(folder: Path) -> int:
    """Remove all files of a folder; how many they were."""
    count = 0
    for path in sorted(folder.rglob("*"), reverse=True):
        try:
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno == errno.ENOTEMPTY:
                continue  # a reader put there what is of the tables now
            raise Fatal(f"cannot remove {path}: {error.strerror}") from error
        count += 1
    return count
