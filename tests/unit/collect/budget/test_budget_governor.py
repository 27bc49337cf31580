from __future__ import annotations

import msgspec
import pytest

from tunelake.collect.budget.governor import Governor, Grant, ParkedUntil, WaitUntil

DAY_S = 86_400.0


def granted(governor: Governor, now: float, lane: str = "backfill") -> Grant:
    leave = governor.ask(now, lane)  # type: ignore[arg-type]  # the lane of a test
    assert isinstance(leave, Grant)
    return leave


def test_a_long_wait_parks_every_lane_and_outlives_the_process() -> None:
    governor = Governor()
    governor.answered(granted(governor, 1000.0), 1000.2, 429, 72_000)
    again = Governor.restore(governor.state())
    for lane in ("on demand", "event", "schedule", "backfill"):
        for now in (1000.3, 40_000.0, 72_999.0):
            parked = again.ask(now, lane)
            assert isinstance(parked, ParkedUntil)
            assert parked.at == pytest.approx(73_000.2)
    assert isinstance(again.ask(73_001.0), Grant)


def test_a_quota_that_is_met_parks_and_is_then_planned_over_the_day() -> None:
    governor, now = Governor(), 0.0
    for _ in range(601):
        leave = granted(governor, now)
        last = now = now + 0.1
        if leave.number <= 600:
            governor.answered(leave, now, 200)
    governor.answered(leave, last, 429, DAY_S, quota_exceeded=True)
    assert isinstance(governor.ask(last + 3600), ParkedUntil)
    began = last + DAY_S + 1
    used, now = 0, began
    while now < began + DAY_S / 2:
        leave2 = governor.ask(now)
        if isinstance(leave2, Grant):
            used += 1
            governor.answered(leave2, now, 200)
        now += 30
    assert 235 <= used <= 255, "half of the day, half of the four fifths"
    assert isinstance(governor.ask(now, "on demand"), Grant)


def test_a_fifth_of_a_daily_quota_is_left_for_on_demand() -> None:
    governor = Governor()
    governor.keep_to("me", {"": (100, DAY_S)}, ())
    backfill = sum(answer_at_once(governor, second * 300.0, "backfill") for second in range(287))
    assert backfill == 80
    on_demand = sum(answer_at_once(governor, 86_100.0 + part, "on demand") for part in range(60))
    assert on_demand == 20


def answer_at_once(governor: Governor, now: float, lane: str) -> bool:
    leave = governor.ask(now, lane)  # type: ignore[arg-type]
    if isinstance(leave, Grant):
        governor.answered(leave, now, 200)
    return isinstance(leave, Grant)


def test_on_demand_goes_before_backfill_while_it_waits() -> None:
    governor = Governor()
    flying = []
    while isinstance(leave := governor.ask(1.0), Grant):
        flying.append(leave)
    assert isinstance(governor.ask(1.0, "on demand"), WaitUntil)
    governor.answered(flying[0], 1.1, 200)
    assert isinstance(governor.ask(1.1, "backfill"), WaitUntil)
    assert isinstance(governor.ask(1.1, "on demand"), Grant)
    governor.answered(flying[1], 1.2, 200)
    assert isinstance(governor.ask(1.2, "backfill"), Grant)


def test_requests_of_a_killed_process_do_not_hold_up_the_others_for_ever() -> None:
    governor = Governor()
    while isinstance(governor.ask(1.0), Grant):
        pass
    assert isinstance(governor.ask(60.0), WaitUntil)
    assert isinstance(governor.ask(200.0), Grant)


def test_an_answer_that_is_told_twice_counts_once() -> None:
    governor = Governor()
    leave = granted(governor, 0.0)
    governor.answered(leave, 0.1, 200)
    governor.answered(leave, 0.2, 429, 5.0)
    assert isinstance(governor.ask(0.3), Grant)


def test_a_state_that_is_none_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        Governor.restore(b"\x01 nothing of the kind")


def test_a_ban_holds_though_its_request_was_given_up() -> None:
    governor = Governor()
    grant = governor.ask(1000.0)
    assert isinstance(grant, Grant)
    governor.answered(grant, 1000.0, 0)
    governor.answered(grant, 1001.0, 429, 72_000, quota_exceeded=True)
    assert isinstance(governor.ask(1002.0, "on demand"), ParkedUntil)
