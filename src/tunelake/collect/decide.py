"""What to do about an answer or the lack of one: pure, by table."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

import msgspec

from tunelake.collect.ports import HttpResponse, Trouble
from tunelake.sources.spotify.read import refusal

Action = Literal[
    "accept", "unchanged", "renew_token", "retry", "park", "absent", "forbidden", "gone", "refused", "give_up"
]

MAX_TRIES = 8
# No answer at all is slow to notice, so it is tried less often.
MAX_TRIES_WITHOUT_ANSWER: dict[Trouble, int] = {
    "unreachable": 3,
    "timeout": 3,
    "cut": MAX_TRIES,
    "too_large": 1,
}
MAX_LIMITED = 100
MAX_MISSHAPEN = 3
FIRST_WAIT_S = 0.2
LONGEST_BACKOFF_S = 5.0
LONGEST_PARK_S = 7 * 86_400.0
OK = 200
TOO_MANY = 429
NOT_MODIFIED = 304
_FINAL: dict[int, Action] = {NOT_MODIFIED: "unchanged", 404: "absent", 403: "forbidden", 410: "gone"}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to do.

    Attributes:
        kind: What went wrong, in a word that is counted; empty when nothing did.
        wait_s: For a retry: how long to wait first, beside what the budget waits.
        until: For parked work: when to go on.
        reason: For people.
    """

    action: Action
    kind: str = ""
    wait_s: float = 0.0
    until: datetime | None = None
    reason: str = ""


ACCEPT = Decision(action="accept")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision rests on, beside the answer.

    Attributes:
        tries: How often this request was sent, this time included.
        limited: How many of them met the rate limit.
        chance: A random number from 0 to 1, for jitter.
        body_problem: Why a body of status 200 cannot be used; empty when it can.
        misshapen: The body is whole JSON, but of an unexpected shape.
    """

    tries: int
    limited: int
    chance: float = 0.5
    body_problem: str = ""
    misshapen: bool = False


def decide(response: HttpResponse, facts: Facts) -> Decision:
    """Decide about one answer of the catalogue or of the accounts service."""
    status = response.status
    if response.trouble:
        return _unanswered(response, response.trouble, facts)
    if status == OK:
        return _usable(facts)
    reason = f"status {status}: {refusal(response.body)[0] or 'no message'}"
    if status == TOO_MANY:
        # The budget knows when the next request may go, and whether it is worth waiting for.
        action: Action = "retry" if facts.limited < MAX_LIMITED else "give_up"
        return Decision(action=action, kind="rate_limited", reason=reason)
    if status == 401:  # noqa: PLR2004  unauthorised
        return _unauthorised(facts, reason)
    if status >= 500 or status == 408:  # noqa: PLR2004  the server's own trouble
        return _again("server_error", reason, facts, MAX_TRIES)
    return Decision(action=_FINAL.get(status, "refused"), reason=reason)


def _unanswered(response: HttpResponse, trouble: Trouble, facts: Facts) -> Decision:
    if trouble == "parked":
        return Decision(action="park", kind=trouble, until=response.until, reason=response.detail)
    return _again(trouble, response.detail, facts, MAX_TRIES_WITHOUT_ANSWER[trouble])


def _usable(facts: Facts) -> Decision:
    if not facts.body_problem:
        return ACCEPT
    if facts.misshapen:
        return _again("misshapen", facts.body_problem, facts, MAX_MISSHAPEN)
    return _again("malformed", facts.body_problem, facts, MAX_TRIES)


def _unauthorised(facts: Facts, reason: str) -> Decision:
    if facts.tries >= MAX_TRIES:
        return Decision(action="give_up", kind="unauthorised", reason=reason)
    # A token that has just run out is nobody's fault; one that is refused again may need a moment.
    wait = 0.0 if facts.tries == 1 else backoff(facts.tries - 1, facts.chance)
    return Decision(action="renew_token", kind="unauthorised", wait_s=wait, reason=reason)


def backoff(tries: int, chance: float) -> float:
    """Seconds before the next try: doubling, capped, with half of it left to chance."""
    return min(LONGEST_BACKOFF_S, FIRST_WAIT_S * 2.0 ** min(tries - 1, 10)) * (0.5 + chance / 2)


def retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for; None when it is absent or cannot be understood."""
    text = (text or "").strip()
    if not text:
        return None
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return min(float(text), LONGEST_PARK_S)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max(0.0, (date - now).total_seconds()), LONGEST_PARK_S)


def _again(kind: str, reason: str, facts: Facts, most: int) -> Decision:
    if facts.tries - facts.limited >= most:
        return Decision(action="give_up", kind=kind, reason=f"{reason} (tried {facts.tries} times)")
    return Decision(
        action="retry", kind=kind, wait_s=backoff(facts.tries - facts.limited, facts.chance), reason=reason
    )
