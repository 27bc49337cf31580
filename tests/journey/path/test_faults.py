"""A server that fails, limits and bans: the same rows in the end, or parked with the time told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.journey.path.conftest import MakeHome
from tests.journey.path.homes import ALL, OWN
from tests.journey.path.name_list import aliases

pytestmark = pytest.mark.slow

NAMES = [line.text for line in aliases()][:24]
ASKED = ("collect", "artists", *(word for name in NAMES for word in ("--name", name)), "--with", ALL)
FAULTS = (
    "--rate-5xx", "0.1", "--rate-cut", "0.05", "--rate-malformed", "0.05", "--rate-slow", "0.02",
    "--token-lifetime", "2", "--limit", "window:100/2",
)  # fmt: skip


def test_a_harmed_run_ends_with_the_rows_of_a_calm_one(make_home: MakeHome) -> None:
    calm = make_home("--artists", "300")
    harmed = make_home("--artists", "300", *FAULTS)
    told, told_harmed = calm.run(*ASKED), harmed.run(*ASKED)
    assert told["retries"] == {}
    assert told_harmed["by_state"] == told["by_state"]
    assert {"server_error", "cut", "malformed"} <= set(told_harmed["retries"])
    assert told_harmed["token_calls"] > 1
    assert sum(told_harmed["retries"].values()) >= 10
    seen = harmed.control()
    assert seen["catalogue"] == told_harmed["calls"] > told["calls"]
    raw = {"raw_pages", "quarantine"}
    rows, rows_harmed = (
        {name: rows for name, rows in home.contents(OWN, history=False).items() if name not in raw}
        for home in (calm, harmed)
    )
    assert rows_harmed == rows
    built = [home.run("build")["published"]["rows"] for home in (calm, harmed)]
    assert built[0] == built[1]


def test_a_used_up_quota_parks_and_nothing_is_sent_while_parked(make_home: MakeHome) -> None:
    home = make_home("--artists", "300", "--quota", "50:72000")
    asked = [f"name {number}" for number in range(70)]
    words = ("collect", "artists", *(word for name in asked for word in ("--name", name)))
    told = home.run(*words, expect=3)
    until = datetime.fromisoformat(told["parked_until"])
    # It is told in whole seconds, the next one.
    assert timedelta(hours=19) < until - datetime.now(UTC) <= timedelta(hours=20, seconds=1)
    assert len(told["wants"]) == 70
    owed = [one for one in told["wants"] if one["state"] in {"deferred", "wanted"}]
    assert 20 <= len(owed) < 70
    assert all("quota" in one["reason"].lower() for one in owed)
    assert len(told["gaps"]) == len(owed)

    seen, before = home.control(), home.contents()
    again = home.run(*words, expect=3)
    assert again["parked_until"] == told["parked_until"]
    assert again["calls"] == again["token_calls"] == 0
    assert home.control() == seen  # not even a token
    assert home.contents() == before
    assert home.run("ask", "BTS", expect=3)["until"] is not None
    assert home.control() == seen
