from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunelake.sandbox.server.config import BucketLimit, Quota, WindowLimit
from tunelake.sandbox.server.limits import Gate
from tunelake.sandbox.server.refusals import Refusal

HUNDREDTHS = st.integers(0, 10_000).map(lambda n: n / 100)
TIMES = st.lists(HUNDREDTHS, min_size=1, max_size=200).map(sorted)


def allowed(gate: Gate, times: list[float], client: str = "one", endpoint: str = "/v1/search") -> list[float]:
    passed = []
    for now in times:
        try:
            gate.pass_through(client, endpoint, now)
        except Refusal:
            continue
        passed.append(now)
    return passed


def test_window_refuses_the_call_too_many_and_says_when() -> None:
    gate = Gate((WindowLimit(3, 30),), None)
    assert allowed(gate, [0, 10, 20]) == [0, 10, 20]
    with pytest.raises(Refusal) as refused:
        gate.pass_through("one", "/v1/search", 21.5)
    assert refused.value.body() == {"error": {"status": 429, "message": "API rate limit exceeded"}}
    assert refused.value.headers() == {"Retry-After": "9"}
    assert allowed(gate, [29.9, 30.0]) == [30.0]


def test_clients_have_windows_of_their_own() -> None:
    gate = Gate((WindowLimit(1, 30),), None)
    assert allowed(gate, [0, 1], "one") == [0]
    assert allowed(gate, [1], "two") == [1]


def test_bucket_allows_a_burst_then_a_steady_rate() -> None:
    gate = Gate((BucketLimit(2, 4),), None)
    assert len(allowed(gate, [0.0] * 10)) == 4
    assert allowed(gate, [0.4, 0.5, 0.6, 1.0]) == [0.5, 1.0]


def test_quota_counts_the_account_and_bans_one_endpoint() -> None:
    gate = Gate((), Quota(2, 72_000))
    assert allowed(gate, [0], "one") == [0]
    assert allowed(gate, [1], "two") == [1]
    with pytest.raises(Refusal) as refused:
        gate.pass_through("three", "/v1/search", 100)
    assert refused.value.body()["error"] == {
        "status": 429,
        "message": "API rate limit exceeded",
        "reason": "QUOTA_EXCEEDED",
    }
    assert refused.value.headers() == {"Retry-After": "72000"}
    assert allowed(gate, [101], endpoint="/v1/artists/{id}") == [101]
    assert allowed(gate, [72_099, 72_100, 72_101, 72_102]) == [72_100, 72_101]


def test_a_refused_call_costs_nothing_in_the_other_limits() -> None:
    gate = Gate((WindowLimit(1, 10), BucketLimit(0.001, 2)), None)
    assert allowed(gate, [0, 1, 2, 3, 10]) == [0, 10]


@given(times=TIMES, calls=st.integers(1, 8), seconds=st.integers(1, 20))
def test_no_window_of_the_length_ever_holds_more(times: list[float], calls: int, seconds: int) -> None:
    passed = allowed(Gate((WindowLimit(calls, seconds),), None), times)
    for start in passed:
        assert sum(start <= one < start + seconds for one in passed) <= calls


@given(times=TIMES, rate=st.integers(1, 5), burst=st.integers(1, 8))
def test_a_bucket_never_gives_more_than_burst_and_rate(times: list[float], rate: int, burst: int) -> None:
    passed = allowed(Gate((BucketLimit(rate, burst),), None), times)
    for start in passed:
        for end in passed:
            within = sum(start <= one <= end for one in passed)
            assert within <= burst + rate * max(0, end - start) + 1e-6


@given(
    times=TIMES,
    limit=st.one_of(
        st.builds(WindowLimit, st.integers(1, 5), st.integers(1, 20)),
        st.builds(BucketLimit, st.integers(1, 5), st.integers(1, 5)),
    ),
)
def test_who_waits_as_told_is_let_in(times: list[float], limit: WindowLimit | BucketLimit) -> None:
    gate = Gate((limit,), None)
    for now in times:
        try:
            gate.pass_through("one", "/v1/search", now)
        except Refusal as refusal:
            gate.pass_through("one", "/v1/search", now + float(refusal.headers()["Retry-After"]))
            return
