"""What this application may not call: found out once a run, then remembered. Pure."""

from __future__ import annotations

from collections import Counter

from tunelake.domain.states import State
from tunelake.sources.spotify.profiles import GATED

SUSPICIOUS = 3


class Gates:
    """Learns from answers which gated endpoints are closed."""

    def __init__(self) -> None:
        self.closed: dict[str, str] = {}
        self._open: set[str] = set()
        self._missed: Counter[str] = Counter()

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
        elif state in {State.FORBIDDEN, State.GONE}:
            self.closed.setdefault(endpoint, reason)
        elif state is State.NOT_FOUND:
            self._missed[endpoint] += 1
            if self._missed[endpoint] >= SUSPICIOUS:
                self.closed.setdefault(endpoint, reason)
