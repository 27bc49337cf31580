"""Opens the budgets that a run keeps to: beside the control database, in a shared one, or in memory."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urlsplit

from tunelake.collect.budget.file_journal import FileJournal
from tunelake.collect.budget.governed_transport import GovernedTransport
from tunelake.collect.budget.governor import Lane
from tunelake.collect.budget.journal import Journal, Ticks
from tunelake.collect.budget.memory_journal import MemoryJournal
from tunelake.collect.budget.quota import EACH, WHOLE, Wishes
from tunelake.collect.budget.shared_governor import SharedGovernor
from tunelake.collect.budget.verdicts import Judge, of_spotify
from tunelake.collect.ports import Clock, Transport
from tunelake.errors import ConfigError
from tunelake.settings import Settings
from tunelake.sources.spotify.endpoints import ENDPOINTS


class Budgets:
    """The budgets of one run; use it as a context, or close it.

    Attributes:
        notes: What a person may want to know of them.
    """

    def __init__(self, settings: Settings, control: Path | None, lane: Lane) -> None:
        """Open none yet.

        Args:
            settings: Which application, and how patiently.
            clock: Tells the time, and waits.
            control: The control database, beside which budgets are; None shares them with nobody.
            lane: Which of the requests that wait these are.
        """
        self._settings = settings
        self._control = control
        self._lane: Lane = lane
        self._governors: list[SharedGovernor] = []
        self.notes: list[str] = []
        self._in_memory: dict[str, list[list[bytes]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all of them."""
        while self._governors:
            self._governors.pop().close()

    def spotify(self, transport: Transport, clock: Clock) -> Transport:
        """Keep what goes to the configured server within the budget of the configured application.

        Raises:
            ConfigError: The budget cannot be used.
        """
        settings = self._settings
        account, server = settings.spotify_client_id, settings.spotify_api_url
        wishes = {one.endpoint: (one.calls, one.seconds) for one in settings.quota}
        if unknown := wishes.keys() - {WHOLE, EACH, *ENDPOINTS}:
            raise ConfigError(
                f"TUNELAKE_QUOTA names {', '.join(sorted(unknown))}; there are {', '.join(sorted(ENDPOINTS))}"
            )
        return self.governed(transport, clock, server, of_spotify, account=account, wishes=wishes)

    def governed(
        self,
        transport: Transport,
        clock: Clock,
        server: str,
        judge: Judge,
        *,
        account: str = "",
        interval_s: float = 0.0,
        wishes: Wishes = MappingProxyType({}),
    ) -> Transport:
        """Keep what goes to a server within its budget.

        Args:
            transport: Sends.
            clock: Tells the time, and waits.
            server: The base of its API.
            judge: Says what an answer tells of the budget.
            account: Whose budget it is, where each has its own.
            interval_s: Seconds between two requests, where that is known.
            wishes: Quotas that the operator knows of.

        Raises:
            ConfigError: The budget cannot be used.
            Retryable: It cannot be reached.
        """
        governor = SharedGovernor(self._journal(key_of(server, account), clock))
        self._governors.append(governor)
        for endpoint, (calls, seconds) in governor.keep_to(wishes).items():
            self.notes.append(
                f"another process keeps to a stricter quota ({calls:,} calls in {seconds:g} s"
                f"{f' to {endpoint}' if endpoint else ''}), and so does this one"
            )
        return GovernedTransport(
            transport,
            governor,
            judge,
            clock,
            lane=self._lane,
            patience_s=self._settings.max_wait_seconds,
            interval_s=interval_s,
        )

    def _journal(self, key: str, clock: Clock) -> Journal:
        if self._control is None:
            return MemoryJournal(lambda: ticks_of(clock), self._in_memory.setdefault(key, []))
        if self._settings.control_url:
            from tunelake.collect.budget.postgres_journal import PostgresJournal

            return PostgresJournal(self._settings.control_url.reveal(), key)
        return FileJournal(folder_of(self._control), key)


def folder_of(control: Path) -> Path:
    """Where the budgets are that belong to a control database of a home."""
    return control.with_name(f"{control.name}-budget")


def ticks_of(clock: Clock) -> Ticks:
    """A clock of the day, read as if it never jumped."""
    seconds = clock.now().timestamp()
    return Ticks(boot="clock", seconds=seconds, wall=seconds)


def key_of(server: str, account: str) -> str:
    """A name for the budget of an account at a server, fit for a file."""
    place = re.sub(r"[^a-z0-9.-]", "-", urlsplit(server).netloc.lower())[:60]
    mark = hashlib.blake2b(f"{server} {account}".encode(), digest_size=6).hexdigest()
    return f"{place}-{mark}"
