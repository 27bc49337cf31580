"""What this application may not call: found out once, remembered for a week, then asked anew. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from tunelake.collect.ports import Gate
from tunelake.domain.states import State
from tunelake.sources.spotify.profiles import GATED

SUSPICIOUS = 3
REMEMBERED = timedelta(days=7)


class Gates:
    """Learns from answers which gated endpoints are closed."""

    def __init__(
        self,
        known: Iterable[Gate] = (),
        now: datetime | None = None,
        settled: Callable[[str, State, str], None] | None = None,
    ) -> None:
        """Start with what earlier runs found out.

        Args:
            known: What they found out.
            now: The time; what is older than `REMEMBERED` is found out anew.
            settled: Called with endpoint, state and reason when an endpoint is settled.
        """
        self.closed: dict[str, str] = {}
        self._open: set[str] = set()
        self._missed: Counter[str] = Counter()
        self._settled = settled
        for gate in known:
            if now is None or now - gate.at > REMEMBERED:
                continue
            if gate.state is State.FETCHED:
                self._open.add(gate.endpoint)
            else:
                self.closed[gate.endpoint] = gate.reason

    def knows(self, endpoint: str) -> bool:
        """Whether it is settled if the endpoint answers."""
        return endpoint not in GATED or endpoint in self._open or endpoint in self.closed

    def learn(self, endpoint: str, state: State, reason: str) -> None:
        """Take note of one answer about something that is known to exist.

        Status 403 and 410 close a gated endpoint that never answered. Status 404 is how a closed one may
        look too, but also how one missing thing looks; so it takes several without any answer.
        """
        if endpoint not in GATED or endpoint in self._open:
            return
        if state is State.FETCHED:
            self._open.add(endpoint)
            self.closed.pop(endpoint, None)
            self._settle(endpoint, state, "")
        elif state in {State.FORBIDDEN, State.GONE}:
            self._close(endpoint, state, reason)
        elif state is State.NOT_FOUND:
            self._missed[endpoint] += 1
            if self._missed[endpoint] >= SUSPICIOUS:
                self._close(endpoint, state, reason)

    def _close(self, endpoint: str, state: State, reason: str) -> None:
        if endpoint not in self.closed:
            self.closed[endpoint] = reason
            self._settle(endpoint, state, reason)

    def _settle(self, endpoint: str, state: State, reason: str) -> None:
        if self._settled:
            self._settled(endpoint, state, reason)
