"""What a home does at open sources beside collecting artists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from tunelake.bootstrap.observed import watching_job
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.collect.report import RunReport

if TYPE_CHECKING:
    from tunelake.collect.planning.open_plan import OpenSurvey
    from tunelake.collect.planning.open_survey import OpenSurveyor

Progress = Callable[[str, int, int | None], None]


class OpenSources:
    """The open sources of one home."""

    def __init__(self, product: Tunelake) -> None:
        self._product = product

    def refresh_artists(self, source: str, age: timedelta | None, progress: Progress) -> RunReport:
        """Look again at known artists; see `collect.jobs.open_job.refresh_open_artists`."""
        from tunelake.collect.jobs.open_job import refresh_open_artists

        home = self._product.lake.home
        with watching_job(home, f"refresh of {source}", progress) as watch:
            return watch.reported(
                refresh_open_artists(
                    self._product.settings,
                    self._product.lake.landing,
                    source=source,
                    ledger_path=home.control,
                    age=age,
                    progress=watch,
                )
            )

    def collect_listens(self, user: str, progress: Progress) -> RunReport:
        """Collect what a user of ListenBrainz listened to since the last time; see `work.open_listens`."""
        from tunelake.work.open_listens import collect_open_listens

        with watching_job(self._product.lake.home, "listens of listenbrainz", progress) as watch:
            return watch.reported(
                collect_open_listens(self._product.lake, self._product.settings, user, watch)
            )

    def survey_listens(self, user: str) -> OpenSurvey:
        """Say how many listens of a user are expected, by those the lake knows.

        Raises:
            ConfigError: The name cannot be one.
        """
        from tunelake.collect.jobs.open_job import check_user
        from tunelake.collect.planning.open_plan import OpenSurvey, expected_listens
        from tunelake.work.open_listens import known_listens

        check_user(user)
        known = known_listens(self._product.lake, user)
        over = timedelta(seconds=(known.newest or 0) - (known.oldest or 0))
        since = timedelta(seconds=self._product.clock.now().timestamp() - known.after)
        return OpenSurvey(listens=expected_listens(known.count, over, since))

    @contextmanager
    def surveyor(self) -> Iterator[OpenSurveyor]:
        """Open what looks up how much of a job is still to be asked for; it sends nothing."""
        from tunelake.collect.planning.open_survey import OpenSurveyor
        from tunelake.collect.planning.remembered import Remembered

        settings, now = self._product.settings, self._product.clock.now()
        max_age = timedelta(hours=settings.max_age_hours)
        with self._product.ledger("musicbrainz") as people, self._product.ledger("listenbrainz") as listeners:
            yield OpenSurveyor(
                Remembered(people, settings.musicbrainz_url, now, max_age),
                Remembered(listeners, settings.listenbrainz_url, now, max_age),
            )
