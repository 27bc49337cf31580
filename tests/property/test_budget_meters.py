"""Meters of the budget, against counting by hand."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tunelake.collect.budget.meters import Fixed, Meter, Rolling, Weighted

moments = st.lists(st.floats(0, 100), max_size=40).map(sorted)
lengths = st.floats(1, 30)
meters = st.one_of(
    st.builds(Rolling, seconds=lengths),
    st.builds(Fixed, seconds=lengths, phase=st.floats(0, 30)),
    st.builds(Weighted, seconds=lengths, phase=st.floats(0, 30)),
)


@given(grants=moments, seconds=lengths)
def test_a_rolling_window_counts_its_seconds(grants: list[float], seconds: float) -> None:
    assert Rolling(seconds=seconds).load(grants, 101) == sum(101 - seconds < at for at in grants)


@given(grants=moments, meter=meters, cap=st.integers(1, 30))
def test_it_opens_when_there_is_room_and_not_much_before(grants: list[float], meter: Meter, cap: int) -> None:
    at = 100.5
    opens = meter.opens(grants, cap, at)
    assert opens >= at
    if opens > at:
        assert meter.load(grants, at) > cap - 1
    if not isinstance(meter, Weighted) or meter.load(grants, at) <= cap:
        assert meter.load(grants, opens + 0.001) <= cap - 1 + 0.01


@given(grants=moments, meter=meters)
def test_a_cap_below_one_never_opens(grants: list[float], meter: Meter) -> None:
    assert math.isinf(meter.opens(grants, 0, 100.5))
