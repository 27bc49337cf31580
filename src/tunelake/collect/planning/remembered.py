"""What a ledger remembers of requests, and is young enough not to be asked again; sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tunelake.collect.known import Known, name_on, still_known
from tunelake.collect.ports import Ledger
from tunelake.sources.request import Request, following


class Remembered:
    """One server's ledger, as of now."""

    def __init__(self, ledger: Ledger, server: str, now: datetime, max_age: timedelta) -> None:
        self.ledger = ledger
        self.now = now
        self.max_age = max_age
        self._server = server

    def fresh(self, requests: Iterable[Request]) -> list[Known | None]:
        """What is known of each request; None where it would have to be asked."""
        asked = list(requests)
        names = [name_on(self._server, request) for request in asked]
        answers = self.ledger.answered(names)
        oldest = self.now - self.max_age
        return [
            still_known(answers.get(name), request, oldest)
            for name, request in zip(names, asked, strict=True)
        ]

    def missing(self, requests: Iterable[Request]) -> int:
        """How many requests would have to be asked."""
        return sum(known is None for known in self.fresh(requests))

    def listed(self, first: Sequence[Request]) -> list[str] | None:
        """The items of a list; None where a part of it would have to be asked.

        Args:
            first: Its first part, in each size it may have been asked in.
        """
        known = next((one for one in self.fresh(first) if one), None)
        keys: list[str] = []
        while known:
            part = known.gist.part
            keys += [key for key in part.keys if key] if part else []
            if part is None or part.next is None:
                return keys
            request = following(part.next, self._server, first[0].endpoint)
            known = self.fresh([request])[0] if request else None
        return None
