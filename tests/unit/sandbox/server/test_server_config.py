from __future__ import annotations

import msgspec
import pytest

from tunelake.errors import ConfigError
from tunelake.sandbox.server.config import (
    BucketLimit,
    Quota,
    SandboxConfig,
    WindowLimit,
    parse_limits,
    parse_quota,
)


def test_limits_and_quota_are_read() -> None:
    assert parse_limits(["window:300/30", "bucket:2.5/10"]) == (WindowLimit(300, 30), BucketLimit(2.5, 10))
    assert parse_limits([]) == ()
    assert parse_quota("600:72000") == Quota(600, 72_000)


@pytest.mark.parametrize(
    "text",
    [
        "window",
        "window:300",
        "window:a/b",
        "window:0/30",
        "window:1.5/30",
        "pail:1/2",
        "bucket:-1/2",
        "bucket:nan/2",
    ],
)
def test_a_wrong_limit_is_named_with_the_right_form(text: str) -> None:
    with pytest.raises(ConfigError, match=r"window:CALLS/SECONDS or bucket:RATE/BURST") as error:
        parse_limits([text])
    assert repr(text) in str(error.value)


@pytest.mark.parametrize("text", ["600", "600:", "a:b", "0:1", "1:2:3", "600/72000"])
def test_a_wrong_quota_is_named_with_the_right_form(text: str) -> None:
    with pytest.raises(ConfigError, match="600:72000"):
        parse_quota(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate_5xx": 1.5},
        {"rate_cut": -0.1},
        {"rate_5xx": 0.6, "rate_cut": 0.6},
        {"token_lifetime_s": 0},
        {"latency_s": -1},
        {"port": 70_000},
    ],
)
def test_values_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        msgspec.convert(wrong, SandboxConfig)
