"""What to do about an answer or the lack of one: pure, by table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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
MAX_LIMITED = 60
MAX_MISSHAPEN = 3
FIRST_WAIT_S = 0.2
LONGEST_BACKOFF_S = 5.0
PARK_WHEN_UNTOLD_S = 60.0
LONGEST_PARK_S = 7 * 86_400.0
OK = 200
NOT_MODIFIED = 304
_FINAL: dict[int, Action] = {NOT_MODIFIED: "unchanged", 404: "absent", 403: "forbidden", 410: "gone"}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to do.

    Attributes:
        kind: What went wrong, in a word that is counted; empty when nothing did.
        wait_s: For a retry: how long to wait first. A "rate_limited" wait is everybody's.
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
    now: datetime
    max_wait_s: float
    chance: float = 0.5
    body_problem: str = ""
    misshapen: bool = False


def decide(response: HttpResponse, facts: Facts) -> Decision:
    """Decide about one answer of the catalogue or of the accounts service."""
    status = response.status
    if response.trouble:
        most = MAX_TRIES_WITHOUT_ANSWER[response.trouble]
        return _again(response.trouble, response.detail, facts, most)
    if status == OK:
        return _usable(facts)
    message, code = refusal(response.body)
    reason = f"status {status}: {message or 'no message'}"
    if status == 429:  # noqa: PLR2004  too many requests
        return _limited(response, facts, code, reason)
    if status == 401:  # noqa: PLR2004  unauthorised
        return _unauthorised(facts, reason)
    if status >= 500 or status == 408:  # noqa: PLR2004  the server's own trouble
        return _troubled(response, facts, reason)
    return Decision(action=_FINAL.get(status, "refused"), reason=reason)


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


def _troubled(response: HttpResponse, facts: Facts, reason: str) -> Decision:
    told = retry_after(response.headers.get("retry-after"), facts.now)
    if told is not None and told > facts.max_wait_s:
        return _parked(told, facts.now, reason, "server_error")
    again = _again("server_error", reason, facts, MAX_TRIES)
    if again.action == "retry" and told is not None:
        return msgspec.structs.replace(again, wait_s=max(told, again.wait_s))
    return again


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


def _limited(response: HttpResponse, facts: Facts, code: str, reason: str) -> Decision:
    told = retry_after(response.headers.get("retry-after"), facts.now)
    if code == "QUOTA_EXCEEDED":
        return _parked(told or 3600.0, facts.now, f"{reason} (QUOTA_EXCEEDED)", "quota")
    if told is not None and told > facts.max_wait_s:
        return _parked(told, facts.now, reason, "rate_limited")
    if facts.limited >= (MAX_LIMITED if told else MAX_TRIES):
        return _parked(told or PARK_WHEN_UNTOLD_S, facts.now, reason, "rate_limited")
    # A wait of zero seconds is obeyed with a small one, so that the server is not asked in a tight loop.
    wait = told or backoff(facts.limited, facts.chance)
    return Decision(action="retry", kind="rate_limited", wait_s=min(wait, facts.max_wait_s), reason=reason)


def _parked(seconds: float, now: datetime, reason: str, kind: str) -> Decision:
    return Decision(action="park", kind=kind, until=now + timedelta(seconds=seconds), reason=reason)


def _again(kind: str, reason: str, facts: Facts, most: int) -> Decision:
    if facts.tries - facts.limited >= most:
        return Decision(action="give_up", kind=kind, reason=f"{reason} (tried {facts.tries} times)")
    return Decision(
        action="retry", kind=kind, wait_s=backoff(facts.tries - facts.limited, facts.chance), reason=reason
    )
