"""What an answer of a source says of its budget: pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from tunelake.collect.budget.governor import PARKED_FROM_S, TOO_MANY
from tunelake.collect.decide import retry_after
from tunelake.collect.ports import HttpRequest, HttpResponse
from tunelake.sources.spotify.read import refusal

SERVER_ERROR = 500
QUOTA_EXCEEDED = "QUOTA_EXCEEDED"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer says of the budget.

    Attributes:
        status: Of the answer; 0 when it tells nothing of the rate.
        retry_after: Seconds to wait that a refusal told; None when it told none.
        quota_exceeded: The quota is used up.
        hold_s: Seconds for which nobody is to send anything.
        refused: It is no answer, because of a limit.
    """

    status: int = 0
    retry_after: float | None = None
    quota_exceeded: bool = False
    hold_s: float = 0.0
    refused: bool = False

    @property
    def parks(self) -> bool:
        """Whether all has to stop for so long that it must not be forgotten."""
        return self.quota_exceeded or (self.retry_after or 0.0) >= PARKED_FROM_S


NOTHING = Verdict()
Judge = Callable[[HttpRequest, HttpResponse, datetime], Verdict]


def of_spotify(request: HttpRequest, response: HttpResponse, now: datetime) -> Verdict:
    """Judge an answer of the Spotify Web API, or of its accounts service."""
    told = retry_after(response.headers.get("retry-after"), now)
    if response.status == TOO_MANY:
        # A wait of no seconds is as good as none told: what is asked again at once is refused again.
        exceeded = refusal(response.body)[1] == QUOTA_EXCEEDED
        return Verdict(status=TOO_MANY, retry_after=told or None, quota_exceeded=exceeded, refused=True)
    if response.status >= SERVER_ERROR and told:
        return waiting(told)
    # Tokens come from another service, whose answers tell nothing of this one's rate.
    return NOTHING if request.method == "POST" else Verdict(status=response.status)


def waiting(seconds: float, *, refused: bool = False) -> Verdict:
    """Nothing is learned, but that nobody is to send anything for so long."""
    if seconds >= PARKED_FROM_S:
        return Verdict(status=TOO_MANY, retry_after=seconds, refused=refused)
    return Verdict(hold_s=seconds, refused=refused)
