"""Killed at any moment and started again: the same rows as undisturbed, nothing twice."""

from __future__ import annotations

import random
import time

import pytest
from tests.journey.path.conftest import MakeHome
from tests.journey.path.homes import ALL, OWN, Home
from tests.journey.path.name_list import aliases

pytestmark = pytest.mark.slow

KILLS = 10
NAMES = [line.text for line in aliases()][::6]
ASKED = ("collect", "artists", *(word for name in NAMES for word in ("--name", name)), "--with", ALL)


def test_a_run_killed_ten_times_ends_like_one_that_was_not(make_home: MakeHome) -> None:
    calm = make_home("--artists", "300", "--latency", "0.05")
    start = time.monotonic()
    told = calm.run(*ASKED)
    whole = time.monotonic() - start

    killed = make_home("--artists", "300", "--latency", "0.05")
    chance = random.Random(7)  # noqa: S311
    moments = [0.3 + (whole - 0.3) * (number + chance.random()) / KILLS for number in range(KILLS)]
    ended = 0
    for moment in moments:
        process = killed.start(*ASKED)
        time.sleep(moment)
        ended += process.poll() is not None
        process.kill()
        process.communicate()
    last = killed.run(*ASKED)
    assert ended < KILLS
    assert last["gaps"] == []
    assert last["stored"] == told["stored"]
    assert _rows(killed) == _rows(calm)
    # What was in flight at a kill is asked again, nothing else.
    assert killed.control()["catalogue"] <= told["calls"] + 2 * 16 * KILLS
    doubled = "select count(*) from (select path, params from raw_pages group by all having count(*) > 2)"
    assert killed.one(doubled) == 0
    killed.run("build")
    calm.run("build")
    query = "select (select count(*) from artist_profile) as a, (select count(*) from artist_top_tracks) as t"
    assert killed.sql(query) == calm.sql(query)


def _rows(home: Home) -> dict[str, tuple[int, int]]:
    rows = home.contents(OWN, history=False)
    return {name: found for name, found in rows.items() if name != "raw_pages"}
