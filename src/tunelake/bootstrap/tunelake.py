"""One home with everything that works on it: settings in, parts put together out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tunelake.bootstrap.answering import answering
from tunelake.bootstrap.lakes import far_lake, retention
from tunelake.bootstrap.observed import metrics_of, status_of, watching_job
from tunelake.bootstrap.rows import read_rows
from tunelake.collect.budget.governor import Lane
from tunelake.collect.control import client_of, control_of, servers_of
from tunelake.collect.jobs.discover import NOBODY, Bounds
from tunelake.collect.ports import Clock, Want
from tunelake.collect.report import RunReport
from tunelake.domain.fields import Drift, Observed
from tunelake.lake.home import Kind, read_note
from tunelake.lake.lake import Lake
from tunelake.lake.subjects.suppressed import Suppressed
from tunelake.settings import Settings
from tunelake.sources.spotify.ids import read_id

if TYPE_CHECKING:
    import pyarrow as pa

    from tunelake.collect.capabilities import Capabilities
    from tunelake.collect.ledger.sql_ledger import SqlLedger
    from tunelake.collect.planning.survey import Surveyor
    from tunelake.collect.probe import Probed
    from tunelake.lake.lander import LandReport
    from tunelake.lake.upload.report import UploadReport
    from tunelake.observe.status import Status
    from tunelake.observe.watch import JobWatch
    from tunelake.service.answer import Answer, Answerer
    from tunelake.work.build import BuildReport
    from tunelake.work.played import Coverage
    from tunelake.work.stores import Stores

_log = logging.getLogger(__name__)

Progress = Callable[[str, int, int | None], None]
GOVERNED = frozenset({"collect artists", "collect refresh", "collect playlists", "collect tracks"})
"""Jobs whose budget is shown while they run."""


def _quiet(stage: str, done: int, total: int | None) -> None:
    """Progress for nobody."""


class Tunelake:
    """One home with everything that works on it, each part built when it is first used."""

    def __init__(self, settings: Settings, kind: Kind | None = None) -> None:
        """Open the home that the settings name.

        Args:
            settings: What the operator set.
            kind: "demo" for made-up data, "data" for what must not mix with it; None takes the home as
                it is, and a new one for data.

        Raises:
            ConfigError: The folder cannot be a home of this kind.
        """
        self.settings = settings
        note = read_note(settings.home)
        self.lake = Lake(
            settings.home,
            kind=kind or (note.kind if note else "data"),
            far=far_lake(settings, note),
            reader=read_rows,
            expire=retention(settings),
            judge=self._judge,
        )

    @cached_property
    def stores(self) -> Stores:
        """The stores that serve."""
        from tunelake.bootstrap.stores import open_stores

        return open_stores(self.settings, self.lake.home.serving)

    def _job(self, name: str, progress: Progress) -> AbstractContextManager[JobWatch]:
        governed = name in GOVERNED
        return watching_job(self.lake.home, name, progress, self.settings if governed else None)

    @property
    def clock(self) -> Clock:
        """The machine's time and chance."""
        from tunelake.collect.jobs.loop import SystemClock

        return SystemClock()

    def collect_artists(
        self,
        *,
        names: Iterable[str] = (),
        ids: Sequence[str] = (),
        with_: Sequence[str] = (),
        markets: Sequence[str] = (),
        bounds: Bounds = NOBODY,
        lane: Lane = "backfill",
        progress: Progress = _quiet,
    ) -> RunReport:
        """Collect artists into the landing log; see `collect.jobs.job.collect_artists`."""
        from tunelake.collect.jobs.job import collect_artists

        with self._job("collect artists", progress) as watch:
            return watch.reported(
                collect_artists(
                    self.settings,
                    self.lake.landing,
                    ledger_path=self.lake.home.control,
                    names=self._not_erased(names),
                    ids=list(self._not_erased(ids)),
                    with_=with_,
                    markets=markets,
                    bounds=bounds,
                    lane=lane,
                    progress=watch,
                )
            )

    def _not_erased(self, asked: Iterable[str]) -> Iterator[str]:
        """Leave out artists that were erased and may not come back."""
        suppressed = Suppressed(self.lake.home)
        for one in asked:
            if suppressed.is_listed(read_id(one, "artist") or one):
                _log.warning("an artist was erased here and is not asked for: `tunelake purge --lift ID`")
            else:
                yield one

    def refresh_artists(self, age: timedelta | None = None, progress: Progress = _quiet) -> RunReport:
        """Look again at known artists; see `collect.jobs.job.refresh_artists`."""
        from tunelake.collect.jobs.job import refresh_artists

        with self._job("collect refresh", progress) as watch:
            return watch.reported(
                refresh_artists(
                    self.settings,
                    self.lake.landing,
                    ledger_path=self.lake.home.control,
                    age=age,
                    progress=watch,
                )
            )

    def rebuild_ledger(self, progress: Progress = _quiet) -> tuple[int, Path | None]:
        """Make the control database anew from what landed; see `collect.jobs.rebuild.rebuild_ledger`."""
        from tunelake.collect.jobs.rebuild import rebuild_ledger

        return rebuild_ledger(
            self.settings,
            self.lake.landing,
            self.lake.home.control,
            lambda read: progress("pages", read, None),
        )

    @contextmanager
    def ledger(self, source: str = "spotify") -> Iterator[SqlLedger]:
        """Open the ledger of the configured server of a source.

        Raises:
            ConfigError: The control database cannot be used.
        """
        from tunelake.collect.ledger.sql_ledger import SqlLedger

        where = control_of(self.settings, self.lake.home.control)
        ledger = SqlLedger(where or self.lake.home.control, servers_of(self.settings)[source])
        try:
            yield ledger
        finally:
            ledger.close()

    @contextmanager
    def surveyor(self) -> Iterator[Surveyor]:
        """Open what looks up how much of a job is still to be asked for; it sends nothing."""
        from tunelake.collect.planning.survey import Surveyor

        max_age = timedelta(hours=self.settings.max_age_hours)
        with self.ledger() as ledger:
            yield Surveyor(ledger, self.settings.spotify_api_url, self.clock.now(), max_age)

    def collect_open_artists(
        self,
        source: str,
        *,
        names: Iterable[str] = (),
        ids: Sequence[str] = (),
        with_: Sequence[str] = (),
        bounds: Bounds = NOBODY,
        lane: Lane = "backfill",
        progress: Progress = _quiet,
    ) -> RunReport:
        """Collect artists from an open source; see `collect.jobs.open_job.collect_open_artists`."""
        from tunelake.collect.jobs.open_job import collect_open_artists

        with self._job(f"collect artists of {source}", progress) as watch:
            return watch.reported(
                collect_open_artists(
                    self.settings,
                    self.lake.landing,
                    source=source,
                    ledger_path=self.lake.home.control,
                    names=names,
                    ids=ids,
                    with_=with_,
                    bounds=bounds,
                    lane=lane,
                    progress=watch,
                )
            )

    def collect_playlists(self, ids: Sequence[str], progress: Progress = _quiet) -> RunReport:
        """Collect playlists into the landing log; see `collect.jobs.job.collect_playlists`."""
        from tunelake.collect.jobs.job import collect_playlists

        with self._job("collect playlists", progress) as watch:
            return watch.reported(
                collect_playlists(
                    self.settings,
                    self.lake.landing,
                    ledger_path=self.lake.home.control,
                    ids=ids,
                    progress=watch,
                )
            )

    def collect_tracks(
        self, ids: Sequence[str] = (), *, played_at: str | None = None, progress: Progress = _quiet
    ) -> RunReport:
        """Collect tracks, those that plays of a source name, and those that are owed from before.

        Args:
            ids: Ids or addresses of tracks.
            played_at: Name space of the plays; None leaves them out.
            progress: Called with stage, done and total.

        Raises:
            ConfigError: Something is not an id, or has to be set first; nothing was lost.
        """
        from tunelake.collect.jobs.job import collect_tracks
        from tunelake.work.played import tracks_wanted

        if played_at:
            self.lake.land()
        wanted = tracks_wanted(self.lake, ids, played_at, self.clock.now())
        with self._job("collect tracks", progress) as watch:
            control = self.lake.home.control
            return watch.reported(
                collect_tracks(
                    self.settings, self.lake.landing, ledger_path=control, wanted=wanted, progress=watch
                )
            )

    def played(self, source: str) -> Coverage:
        """Count the plays of a source by what is known of their tracks."""
        from tunelake.work.played import coverage

        return coverage(self.lake, source)

    def upload(
        self,
        path: Path,
        kind: str,
        *,
        source: str | None = None,
        rights: str = "owner",
        mapping: Mapping[str, str] | None = None,
        nulls: Sequence[str] = (),
        progress: Progress = _quiet,
    ) -> UploadReport:
        """Take a person's file into the landing log; see `lake.upload.run.upload`."""
        from tunelake.lake.upload.run import upload
        from tunelake.lake.upload.values import NULLS

        with self._job("upload", progress) as watch:
            return upload(
                path,
                kind,
                landing=self.lake.landing,
                clock=self.clock,
                source=source,
                rights=rights,
                mapping=mapping,
                nulls=set(nulls) or NULLS,
                progress=lambda rows: watch("rows", rows, None),
            )

    def probe(self) -> Probed:
        """Find out what the application may call, and remember it; see `collect.jobs.job.probe`."""
        from tunelake.collect.capabilities import remember_probed
        from tunelake.collect.jobs.job import probe

        found = probe(self.settings, self.lake.home.control)
        with self.ledger() as ledger:
            remember_probed(ledger, self.settings.spotify_client_id, found, self.clock.now())
        return found

    def capabilities(self) -> Capabilities:
        """What is remembered of the configured application; see `collect.capabilities.recall`."""
        from tunelake.collect.capabilities import recall

        with self.ledger() as ledger:
            return recall(ledger, self.settings.spotify_client_id)

    def wants(self) -> list[Want]:
        """Everything ever asked for at the configured server, with its state."""
        with self.ledger() as ledger:
            return [want for kind in ("artist", "playlist") for want in ledger.wants(kind)]

    def land(self) -> LandReport:
        """Turn what was collected or uploaded into rows; fields that are not as expected are told."""
        return self.lake.land()

    def _judge(self, observed: Observed) -> list[Drift]:
        from tunelake.collect.capabilities import by_source, remember

        drift: list[Drift] = []
        for source, seen in by_source(observed).items():
            with self.ledger(source) as ledger:
                drift += remember(ledger, client_of(source, self.settings), seen)
        return drift

    def build(self, progress: Progress = _quiet) -> BuildReport:
        """Bring facts, similar artists and stores up to the lake."""
        from tunelake.work.build import build

        with self._job("build", progress) as watch:
            return build(
                self.lake,
                self.stores,
                stated=self.settings.rights,
                market=self.settings.market,
                progress=watch,
            )

    def answerer(self, *, on_demand: bool = True) -> Answerer:
        """Build what answers questions for as long as this process runs.

        It collects artists nobody knows yet when told so; they are landed and published behind the answers.
        """
        collect = self.collect_artists if on_demand else None
        answerer, settling = answering(self.settings, self.lake, self.stores, collect)
        settling.settle_behind()
        return answerer

    @contextmanager
    def answering(self, *, on_demand: bool = True) -> Iterator[Answerer]:
        """Answer in the block; after it, what was collected for the answers is landed and published.

        While somebody else lands or builds this home it is left to them.
        """
        collect = self.collect_artists if on_demand else None
        answerer, settling = answering(self.settings, self.lake, self.stores, collect)
        yield answerer
        settling.settle_or_leave()

    def ask(self, question: str) -> Answer:
        """Answer a question, collecting an unknown artist first; it is landed and published on return."""
        with self.answering() as answerer:
            return answerer.ask(question)

    def status(self) -> Status:
        """Look at what runs, what is owed, what may be sent and what is stored."""
        return status_of(self.lake.home, self.settings)

    def metrics(self) -> bytes:
        """Write state and counts for Prometheus. Raises ConfigError without the extra for it."""
        return metrics_of(self.lake.home, self.settings)

    def table(self, name: str) -> pa.Table:
        """Read the current state of a table, or a mart, as Arrow.

        Raises:
            ConfigError: There is no such table.
        """
        return self.sql(f'from "{name}"')

    def counts(self) -> dict[str, int]:
        """Count the rows of every table and mart as they are now."""
        from tunelake.work.build import engine

        with engine(self.lake) as sql:
            return sql.counts()

    def sql(self, query: str) -> pa.Table:
        """Answer one SELECT, read only.

        Raises:
            ConfigError: The query cannot be answered; the message says why.
        """
        return self.lake.sql(query).read_all()
