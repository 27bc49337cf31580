from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tunelake.collect import decide as rules
from tunelake.collect.decide import Facts, decide, retry_after
from tunelake.collect.ports import HttpResponse, Trouble

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def facts(**fields: Any) -> Facts:
    return Facts(**{"tries": 1, "limited": 0, **fields})


def response(status: int, retry: str | None = None, body: bytes = b"{}") -> HttpResponse:
    return HttpResponse(status=status, headers={"retry-after": retry} if retry is not None else {}, body=body)


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (200, "accept"),
        (301, "refused"),
        (400, "refused"),
        (401, "renew_token"),
        (403, "forbidden"),
        (404, "absent"),
        (408, "retry"),
        (410, "gone"),
        (429, "retry"),
        (500, "retry"),
        (502, "retry"),
        (503, "retry"),
    ],
)
def test_each_status_has_its_answer(status: int, action: str) -> None:
    assert decide(response(status), facts(limited=int(status == 429))).action == action


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_trouble_is_never_taken_for_absence_however_often_it_is_met(status: int) -> None:
    for tries in range(1, 100):
        found = decide(response(status), facts(tries=tries, limited=tries if status == 429 else 0))
        assert found.action in {"retry", "park", "give_up"}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (" 3 ", 3.0),
        ("Sun, 01 Nov 2026 12:00:20 GMT", 20.0),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
        ("٣", None),
        ("9" * 400, rules.LONGEST_PARK_S),
    ],
)
def test_retry_after_in_every_form(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_a_refusal_is_asked_again_when_the_budget_says_so() -> None:
    found = decide(response(429, "30"), facts(limited=1))
    assert (found.action, found.wait_s, found.kind) == ("retry", 0.0, "rate_limited")


def test_what_the_budget_parks_is_parked() -> None:
    held = HttpResponse(trouble="parked", detail="the quota is used up", until=NOW)
    found = decide(held, facts())
    assert (found.action, found.until, found.reason) == ("park", NOW, "the quota is used up")


@pytest.mark.parametrize("trouble", ["unreachable", "timeout", "cut", "too_large"])
def test_no_answer_is_tried_again_and_given_up_at_last(trouble: Trouble) -> None:
    most = rules.MAX_TRIES_WITHOUT_ANSWER[trouble]
    lost = HttpResponse(trouble=trouble, detail="gone")
    actions = [decide(lost, facts(tries=tries)).action for tries in range(1, most + 1)]
    assert actions == ["retry"] * (most - 1) + ["give_up"]
    assert decide(lost, facts(tries=most)).kind == trouble


def test_waits_for_the_limit_do_not_use_up_the_tries() -> None:
    assert decide(response(500), facts(tries=20, limited=19)).action == "retry"


def test_a_body_that_is_no_json_is_asked_for_again_as_often_as_an_error() -> None:
    bad = facts(tries=rules.MAX_TRIES - 1, body_problem="not JSON")
    assert decide(response(200), bad).kind == "malformed"
    assert decide(response(200), bad).action == "retry"
    assert decide(response(200), facts(tries=rules.MAX_TRIES, body_problem="x")).action == "give_up"
    shape = facts(tries=rules.MAX_MISSHAPEN, body_problem="no list", misshapen=True)
    assert (decide(response(200), shape).action, decide(response(200), shape).kind) == (
        "give_up",
        "misshapen",
    )


def test_backoff_grows_is_capped_and_has_jitter() -> None:
    waits = [rules.backoff(tries, 1.0) for tries in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[-1] == rules.LONGEST_BACKOFF_S
    assert rules.backoff(3, 0.0) == rules.backoff(3, 1.0) / 2
