"""The parts of one run at the open sources, put together once, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tunelake.collect.account import Account
from tunelake.collect.asker import Asker
from tunelake.collect.batch import Batcher
from tunelake.collect.gates import Gates
from tunelake.collect.lists.list_reader import ListReader
from tunelake.collect.open_sources.caller import OpenCaller
from tunelake.collect.open_sources.servers import Server, listenbrainz_of, musicbrainz, user_agent
from tunelake.collect.ports import Clock, Landing, Ledger, Transport
from tunelake.collect.report import Outcome, RunReport
from tunelake.collect.tally import Progress, Tally
from tunelake.settings import Settings
from tunelake.sources.musicbrainz.endpoints import PAGE


class Side:
    """What a run has of one source."""

    def __init__(self, asker: Asker, caller: OpenCaller, ledger: Ledger, progress: Progress) -> None:
        self.asker = asker
        self.caller = caller
        self.ledger = ledger
        self.account = Account(ledger)
        self.lists = ListReader(asker, (PAGE,))
        self.batcher = Batcher(asker, Gates(), progress)


class OpenSession:
    """What the stages of a run share: who is who at MusicBrainz, and the source that was named."""

    def __init__(
        self,
        settings: Settings,
        transport_to: Callable[[Server], Transport],
        landing: Landing,
        ledger_of: Callable[[str], Ledger],
        clock: Clock,
        progress: Progress,
        source: str,
    ) -> None:
        from tunelake import __version__

        self.clock = clock
        self.progress = progress
        self.source = source
        self.max_age = timedelta(hours=settings.max_age_hours)
        self._started = clock.now()
        self._tally = Tally()
        agent = user_agent(__version__, settings.contact)

        def side(server: Server) -> Side:
            ledger = ledger_of(server.base)
            caller = OpenCaller(server, agent, transport_to(server), clock, self._tally)
            asker = Asker(server, caller, ledger, landing, clock, self.max_age)
            return Side(asker, caller, ledger, progress)

        self.musicbrainz = side(musicbrainz(settings))
        self.listenbrainz = side(listenbrainz_of(settings))
        self.named = self.musicbrainz if source == "musicbrainz" else self.listenbrainz

    def report(self, outcome: Outcome) -> RunReport:
        """Sum up."""
        used = list(dict.fromkeys((self.musicbrainz, self.named)))
        parked = [side.caller.parked for side in used if side.caller.parked]
        return outcome.report(
            tally=self._tally,
            gaps=[gap for side in used for gap in side.account.gaps],
            notes=[note for side in used for note in side.account.notes],
            forbidden={},
            parked=max(parked, key=lambda one: one.until, default=None),
            seconds=(self.clock.now() - self._started).total_seconds(),
        )
