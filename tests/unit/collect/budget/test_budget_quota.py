"""Quotas: of an account or of its endpoints, set or met; virtual days."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.budget.governor import Governor, Grant, Lane, ParkedUntil, WaitUntil
from tunelake.collect.budget.journal import Ticks
from tunelake.collect.budget.memory_journal import MemoryJournal
from tunelake.collect.budget.shared_governor import SharedGovernor
from tunelake.collect.jobs.loop import SystemClock
from tunelake.collect.scripted_transport import ScriptedTransport
from tunelake.errors import ConfigError
from tunelake.settings import load

DAY = 86_400.0
BAN = 72_000.0
Key = Callable[[str], str]


class Account:
    """Counts the calls of any 24 hours, by a key of the endpoint, and bans the key when they are used up."""

    def __init__(self, calls: int, key: Key) -> None:
        self.calls, self.key = calls, key
        self.used: dict[str, deque[float]] = {}
        self.banned: dict[str, float] = {}
        self.bans = 0

    def answer(self, endpoint: str, now: float) -> float | None:
        """None when it is granted, else the seconds to wait."""
        key = self.key(endpoint)
        if now < self.banned.get(key, 0.0):
            return self.banned[key] - now
        used = self.used.setdefault(key, deque())
        while used and (used[0] <= now - DAY or self.banned.get(key, 0.0) > used[0]):
            used.popleft()
        if len(used) >= self.calls:
            self.banned[key] = now + BAN
            self.bans += 1
            return BAN
        used.append(now)
        return None


def days(governor: Governor, account: Account, number: int, endpoints: tuple[str, ...]) -> int:
    """Backfill for so many days, an endpoint after the other; gives how many calls were granted."""
    now, granted, turn = 0.0, 0, 0
    while now < number * DAY:
        endpoint = endpoints[turn % len(endpoints)]
        turn += 1
        leave = governor.ask(now, "backfill", endpoint)
        if isinstance(leave, Grant):
            wait = account.answer(endpoint, now)
            governor.answered(leave, now + 0.1, 429 if wait else 200, wait, quota_exceeded=bool(wait))
            granted += not wait
            now += 0.2
        elif isinstance(leave, ParkedUntil):
            now = leave.at
        else:
            now = min(max(now + 1.0, leave.at), now + 60.0)
    return granted


def test_the_quota_of_an_endpoint_is_met_once_and_then_kept_for_days() -> None:
    governor, account = Governor(), Account(600, lambda endpoint: endpoint)
    granted = days(governor, account, 8, ("search",))
    assert account.bans == 1
    assert granted >= 600 + 6 * 480 * 0.95
    (known,) = governor.quotas.known()
    assert (known[0], known[1].calls) == ("search", 600)


def test_endpoints_have_quotas_of_their_own() -> None:
    governor, account = Governor(), Account(300, lambda endpoint: endpoint)
    days(governor, account, 8, ("search", "albums"))
    assert account.bans <= 2
    assert isinstance(governor.ask(9 * DAY, "backfill", "artists"), Grant), "of others nothing is assumed"


def test_a_quota_of_all_together_is_found_out_when_endpoints_do_not_explain_it() -> None:
    governor, account = Governor(), Account(600, lambda _: "all")
    days(governor, account, 12, ("search", "albums", "artists"))
    before = account.bans
    assert before <= 5
    (known,) = governor.quotas.known()
    assert known[0] == ""
    days(governor, account, 4, ("search", "albums", "artists"))
    assert account.bans <= before + 1


@pytest.mark.parametrize("endpoint", ["search", "albums"])
def test_a_quota_that_is_set_is_never_met(endpoint: str) -> None:
    governor, account = Governor(), Account(600, lambda one: one)
    governor.keep_to("me", {"each": (600, DAY), "albums": (100, DAY)}, ())
    granted = days(governor, account, 3, (endpoint,))
    assert account.bans == 0
    share = 480 if endpoint == "search" else 80
    assert 2.9 * share <= granted <= 3 * share


def test_what_is_met_before_the_quota_that_is_set_is_believed_until_another_is_set() -> None:
    governor, account = Governor(), Account(100, lambda one: one)
    governor.keep_to("me", {"search": (600, DAY)}, ())
    days(governor, account, 3, ("search",))
    assert account.bans == 1
    for wishes, calls in (({"search": (600, DAY)}, 100), ({"search": (5000, DAY)}, 5000), ({}, None)):
        governor.keep_to("me", wishes, ())
        assert governor.quotas.by_endpoint["search"].calls == calls


def test_tokens_count_in_no_quota() -> None:
    governor = Governor()
    governor.keep_to("me", {"": (1, DAY)}, ())
    lane: Lane = "on demand"
    assert isinstance(governor.ask(0.0, lane, "token"), Grant)
    assert isinstance(governor.ask(0.1, lane, "search"), Grant)
    assert isinstance(governor.ask(0.2, lane, "token"), Grant)
    assert isinstance(governor.ask(0.3, lane, "search"), WaitUntil)


def test_of_processes_with_different_settings_the_strictest_wins_while_it_is_there() -> None:
    lines: list[list[bytes]] = []
    readers: set[str] = set()

    def join() -> SharedGovernor:
        clock = Ticks(boot="b", seconds=10.0, wall=10.0)
        return SharedGovernor(MemoryJournal(lambda: clock, lines, readers))

    one, two, three = join(), join(), join()
    assert one.keep_to({"": (300, DAY)}) == {}
    assert two.keep_to({"": (600, DAY), "search": (100, DAY)}) == {"": (300, DAY)}
    assert three.keep_to({"": (100, DAY / 24), "search": (90, DAY)}) == {"": (300, DAY)}
    one.close()
    assert two.keep_to({"": (600, DAY)}) == {}
    two.close()
    three.close()
    assert join().keep_to({}) == {}, "nobody is there who sets one"


def test_what_a_process_sets_for_each_bounds_an_endpoint_that_another_names() -> None:
    governor = Governor()
    governor.keep_to("one", {"search": (1000, DAY), "album": (10, DAY)}, ())
    governor.keep_to("two", {"each": (100, DAY)}, ())
    calls = {name: governor.quotas.strictest(name) for name in ("search", "album", "artist", "")}
    assert calls == {"search": (100, DAY), "album": (10, DAY), "artist": (100, DAY), "": None}
    assert {name: one.calls for name, one in governor.quotas.known()} == {"search": 100, "album": 10}
    governor.keep_to("three", {}, ("two",))
    assert {name: one.calls for name, one in governor.quotas.known()} == {"search": 1000, "album": 10}


def test_a_run_tells_that_another_keeps_to_a_stricter_quota(tmp_path: Path) -> None:
    def opened(quota: str) -> Budgets:
        settings = load({"TUNELAKE_QUOTA": quota, "TUNELAKE_SPOTIFY_CLIENT_ID": "one"})
        budgets = Budgets(settings, tmp_path / "control.db", "backfill")
        budgets.spotify(ScriptedTransport([]), SystemClock())
        return budgets

    with opened("search=100:86400") as strict, opened("search=600:86400,each=900:86400") as other:
        assert strict.notes == []
        (note,) = other.notes
        assert "stricter quota (100 calls in 86400 s to search)" in note
    with opened("search=600:86400") as alone:
        assert alone.notes == []
    with pytest.raises(ConfigError, match="TUNELAKE_QUOTA names serch; there are"):
        opened("serch=1:60")
