from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tunelake.cli.sql import moment
from tunelake.errors import ConfigError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-05-01", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026-05-01 12:30", datetime(2026, 5, 1, 12, 30, tzinfo=UTC)),
        ("2026-05-01T12:30:00+09:00", datetime(2026, 5, 1, 12, 30, tzinfo=timezone(timedelta(hours=9)))),
    ],
)
def test_a_time_is_utc_unless_it_says(typed: str, meant: datetime) -> None:
    assert moment(typed) == meant


def test_what_is_no_time_is_told() -> None:
    with pytest.raises(ConfigError, match="'yesterday' is no time; write for example 2026-05-01"):
        moment("yesterday")
