"""The parts of one run at the Spotify Web API, put together once, and what they come to."""

from __future__ import annotations

from datetime import timedelta

from tunelake.collect.account import Account
from tunelake.collect.asker import Asker
from tunelake.collect.batch import Batcher
from tunelake.collect.caller import Caller
from tunelake.collect.gates import Gates
from tunelake.collect.lists.list_reader import ListReader
from tunelake.collect.ports import Clock, Gate, Landing, Ledger, Transport
from tunelake.collect.report import Outcome, RunReport
from tunelake.collect.tally import Progress, Tally
from tunelake.collect.voice import SpotifyVoice
from tunelake.domain.states import State
from tunelake.settings import Settings


class Session:
    """What the stages of a run share."""

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        landing: Landing,
        ledger: Ledger,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self.clock = clock
        self.ledger = ledger
        self.progress = progress
        self.max_age = timedelta(hours=settings.max_age_hours)
        self.started = clock.now()
        self._client = settings.spotify_client_id
        self._tally = Tally()
        self.caller = Caller(settings, transport, clock, self._tally)
        voice = SpotifyVoice(settings.spotify_api_url)
        self.asker = Asker(voice, self.caller, ledger, landing, clock, self.max_age)
        self.gates = Gates(ledger.gates(self._client), self.started, self._settled)
        self.account = Account(ledger)
        self.lists = ListReader(self.asker)
        self.batcher = Batcher(self.asker, self.gates, progress)

    def report(self, outcome: Outcome) -> RunReport:
        """Sum up."""
        return outcome.report(
            tally=self._tally,
            gaps=self.account.gaps,
            notes=self.account.notes,
            forbidden=self.gates.closed,
            parked=self.caller.parked,
            seconds=(self.clock.now() - self.started).total_seconds(),
        )

    def _settled(self, endpoint: str, state: State, reason: str) -> None:
        gate = Gate(endpoint=endpoint, state=state, reason=reason, at=self.clock.now())
        self.ledger.put_gate(self._client, gate)
