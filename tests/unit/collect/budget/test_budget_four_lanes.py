"""All four lanes at once: their order at the limit, and what of a day's quota is kept for who waits."""

from __future__ import annotations

import itertools

import pytest

from tunelake.collect.budget.governor import LANES, Governor, Grant, Lane, WaitUntil

DAY = 86_400.0
QUOTA = 100


def test_there_are_four_lanes_who_waits_first_a_backfill_last() -> None:
    assert LANES == ("on demand", "event", "schedule", "backfill")


@pytest.mark.parametrize("asking", list(itertools.permutations(LANES))[::5])
def test_of_four_that_wait_at_once_each_goes_in_its_turn_whoever_asked_first(
    asking: tuple[Lane, ...],
) -> None:
    governor, flying = Governor(), []
    while isinstance(leave := governor.ask(1.0), Grant):
        flying.append(leave)
    assert all(isinstance(governor.ask(1.0, lane), WaitUntil) for lane in asking)
    gone: list[Lane] = []
    while len(gone) < len(LANES):
        # One answer comes in, so one more may go: of those that ask again, in any order, the first lane.
        governor.answered(flying.pop(0), 1.1, 200)
        leaves = [governor.ask(1.1, lane) for lane in asking if lane not in gone]
        granted = [leave for leave in leaves if isinstance(leave, Grant)]
        assert len(granted) == 1, (asking, gone, granted)
        gone.append(granted[0].lane)
        flying += granted
    assert gone == list(LANES)


def test_a_fifth_of_a_day_s_quota_is_kept_for_who_waits_however_much_the_other_lanes_want() -> None:
    governor, taken = Governor(), dict.fromkeys(LANES, 0)
    governor.keep_to("me", {"search": (QUOTA, DAY)}, gone=())

    def ask(now: float, lane: Lane) -> bool:
        leave = governor.ask(now, lane, "search")
        if isinstance(leave, Grant):
            governor.answered(leave, now + 0.05, 200)
            taken[lane] += 1
        return isinstance(leave, Grant)

    for minute in range(int(DAY / 60) - 1):
        for lane in ("backfill", "schedule", "event"):
            ask(minute * 60.0, lane)
    others = sum(taken.values())
    assert 0.78 * QUOTA <= others <= 0.8 * QUOTA
    # In the last minute of the day somebody comes, and gets what was kept, at once, and no more.
    late = DAY - 40
    while ask(late, "on demand"):
        late += 0.2
    assert taken["on demand"] == QUOTA - others
    assert late < DAY
    assert not any(ask(late, lane) for lane in LANES), "the quota is used up, for all"
