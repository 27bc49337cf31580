from __future__ import annotations

from collections import Counter

from tunelake.sandbox.server.config import SandboxConfig
from tunelake.sandbox.server.delivery import compressed, server_error, spoiled
from tunelake.sandbox.server.desk import Reply
from tunelake.sandbox.server.faults import NO_FAULT, FaultPlan

CALLS = [f"GET /v1/artists/{number}" for number in range(4000)]


def test_nothing_goes_wrong_unless_asked() -> None:
    plan = FaultPlan(SandboxConfig())
    assert {plan.draw(call) for call in CALLS} == {NO_FAULT}


def test_rates_are_kept_and_kinds_are_mixed() -> None:
    config = SandboxConfig(rate_5xx=0.1, rate_cut=0.05, rate_slow=0.02, rate_malformed=0.1, seed=3)
    plan = FaultPlan(config)
    seen = Counter(plan.draw(call).harm for call in CALLS)
    assert 320 < seen["500"] + seen["502"] + seen["503"] < 480
    assert min(seen["500"], seen["502"], seen["503"]) > 60
    assert 140 < seen["cut"] < 260
    assert 40 < seen["slow"] < 120
    assert min(seen["truncated"], seen["html"]) > 120


def test_same_seed_same_faults_in_any_order_and_a_retry_draws_anew() -> None:
    config = SandboxConfig(rate_5xx=0.5, rate_shift=0.5, seed=9)
    forward, backward = FaultPlan(config), FaultPlan(config)
    first = {call: forward.draw(call) for call in CALLS}
    assert {call: backward.draw(call) for call in reversed(CALLS)} == first
    again = {call: forward.draw(call) for call in CALLS}
    assert again != first
    other = FaultPlan(SandboxConfig(rate_5xx=0.5, rate_shift=0.5, seed=10))
    assert {call: other.draw(call) for call in CALLS} != first


def test_offsets_shift_both_ways() -> None:
    plan = FaultPlan(SandboxConfig(rate_shift=0.5))
    shifts = Counter(plan.draw(call).shift for call in CALLS)
    assert min(shifts[-1], shifts[1]) > 800
    assert shifts[0] > 1600


def test_spoiled_bodies() -> None:
    reply = Reply(endpoint="/v1/search", status=200, body=b'{"a": [1, 2, 3]}')
    assert spoiled(reply, None) is reply
    assert spoiled(reply, "truncated").body == b'{"a": [1, '
    page = spoiled(reply, "html")
    assert (page.status, page.content_type) == (200, "text/html; charset=utf-8")
    assert server_error("/v1/search", "503").status == 503


def test_long_json_is_compressed_for_those_who_take_it() -> None:
    long = Reply(endpoint="/v1/search", status=200, body=b'"' + b"a" * 1000 + b'"')
    assert compressed(long, "").body == long.body
    packed = compressed(long, "gzip, deflate")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.body) < 100
