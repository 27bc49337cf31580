"""What a run counts while it goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and how much there is."""


class Tally:
    """Calls and retries of one run.

    Attributes:
        calls: Requests that were sent to the catalogue, by endpoint; repeated ones count again.
        tokens: Requests that were sent for a token.
        retries: What went wrong and was met by asking again, by kind.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.tokens = 0
        self.retries: Counter[str] = Counter()
