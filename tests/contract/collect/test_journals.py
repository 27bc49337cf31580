"""What every journal of a budget keeps, and what processes see of each other in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tunelake.collect.budget.file_journal import FileJournal
from tunelake.collect.budget.governor import Grant, ParkedUntil, WaitUntil
from tunelake.collect.budget.journal import Journal, Ticks
from tunelake.collect.budget.memory_journal import MemoryJournal
from tunelake.collect.budget.postgres_journal import PostgresJournal
from tunelake.collect.budget.shared_governor import SharedGovernor
from tunelake.collect.budget.verdicts import Verdict
from tunelake.errors import Retryable

HOURS = 3600.0
Open = Callable[[], SharedGovernor]


class Machine:
    """A clock that never jumps and one of the day that does; both stand still until they are set."""

    def __init__(self) -> None:
        self.boot, self.seconds, self.wall = "first", 100.0, 1_800_000_000.0

    def __call__(self) -> Ticks:
        return Ticks(boot=self.boot, seconds=self.seconds, wall=self.wall)

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall += seconds

    def restart(self, wall: float) -> None:
        self.boot, self.seconds, self.wall = f"{self.boot} again", 5.0, wall


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def journals() -> list[Journal]:
    """Those that were joined."""
    return []


@pytest.fixture(params=["memory", "file", "postgresql"])
def join(
    request: pytest.FixtureRequest, tmp_path: Path, machine: Machine, journals: list[Journal]
) -> Iterator[Open]:
    """Return a function that lets one more process join the budget."""
    lines: list[list[bytes]] = []
    readers: set[str] = set()
    opened: list[SharedGovernor] = []
    url = request.getfixturevalue("postgres").new_database() if request.param == "postgresql" else ""

    def journal() -> Journal:
        if request.param == "memory":
            return MemoryJournal(machine, lines, readers)
        if request.param == "postgresql":
            return PostgresJournal(url, "a-server", machine)
        return FileJournal(tmp_path / "budget", "a-server", machine)

    def another() -> SharedGovernor:
        journals.append(journal())
        opened.append(SharedGovernor(journals[-1]))
        return opened[-1]

    yield another
    for governor in opened:
        governor.close()


def granted(governor: SharedGovernor, lane: str = "backfill") -> Grant:
    leave, _ = governor.ask(lane)  # type: ignore[arg-type]  # the lane of a test
    assert isinstance(leave, Grant)
    return leave


def test_what_one_process_sends_counts_for_all(join: Open) -> None:
    one, two = join(), join()
    numbers = [granted(governor).number for governor in (one, two, one)]
    assert numbers == [1, 2, 3]
    assert isinstance(two.ask("backfill")[0], WaitUntil), "three are in flight, whoever sent them"
    three = join()
    assert isinstance(three.ask("backfill")[0], WaitUntil), "who joins late knows of them"
    one.answered(Grant(number=1, lane="backfill"), Verdict(status=200))
    assert two.heard()
    assert isinstance(three.ask("backfill")[0], Grant)


def test_a_ban_holds_for_all_and_for_who_comes_later(join: Open, machine: Machine) -> None:
    one, two = join(), join()
    two.answered(granted(two), Verdict(status=429, retry_after=20 * HOURS))
    for governor in (one, two, join()):
        leave, now = governor.ask("on demand")
        assert isinstance(leave, ParkedUntil)
        assert leave.at - now == pytest.approx(20 * HOURS)
    machine.advance(20 * HOURS + 1)
    assert isinstance(one.ask("backfill")[0], Grant)


def test_on_demand_of_one_process_goes_before_the_backfill_of_another(join: Open) -> None:
    backfill, on_demand = join(), join()
    flying = [granted(backfill) for _ in range(3)]
    assert isinstance(on_demand.ask("on demand")[0], WaitUntil)
    backfill.answered(flying[0], Verdict(status=200))
    assert isinstance(backfill.ask("backfill")[0], WaitUntil)
    assert isinstance(on_demand.ask("on demand")[0], Grant)


def test_what_a_dead_process_had_in_flight_holds_up_nobody(join: Open) -> None:
    dying, other = join(), join()
    for _ in range(3):
        granted(dying)
    other.bury()
    assert isinstance(other.ask("backfill")[0], WaitUntil), "it is not dead yet"
    dying.close()
    other.bury()
    assert isinstance(other.ask("backfill")[0], Grant)
    dying.close = lambda: None  # type: ignore[method-assign]  # it is closed


def test_an_answer_that_could_not_be_told_is_told_with_the_next_move(
    join: Open, journals: list[Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = join(), join()
    grant = granted(one)

    def away() -> None:
        raise Retryable("cannot be reached")

    with monkeypatch.context() as gone:
        gone.setattr(journals[0], "turn", away)
        one.answered(grant, Verdict(status=429, retry_after=20 * HOURS))
        with pytest.raises(Retryable):
            one.ask("backfill")
    assert isinstance(two.ask("on demand")[0], Grant), "nobody knows yet"
    assert isinstance(one.ask("on demand")[0], ParkedUntil)
    assert isinstance(two.ask("on demand")[0], ParkedUntil)


@pytest.mark.parametrize("jump", [-400 * 24 * HOURS, 400 * 24 * HOURS])
def test_a_clock_that_jumps_neither_lifts_a_ban_nor_keeps_it(
    join: Open, machine: Machine, jump: float
) -> None:
    one = join()
    one.answered(granted(one), Verdict(status=429, retry_after=20 * HOURS))
    machine.wall += jump
    for governor in (one, join()):
        leave, now = governor.ask("on demand")
        assert isinstance(leave, ParkedUntil)
        assert leave.at - now == pytest.approx(20 * HOURS)
    machine.advance(20 * HOURS + 1)
    assert isinstance(join().ask("backfill")[0], Grant)


def test_after_a_restart_of_the_machine_the_clock_of_the_day_is_asked(join: Open, machine: Machine) -> None:
    one = join()
    one.answered(granted(one), Verdict(status=429, retry_after=20 * HOURS))
    machine.restart(wall=machine.wall + 5 * HOURS)
    leave, now = join().ask("on demand")
    assert isinstance(leave, ParkedUntil)
    assert leave.at - now == pytest.approx(15 * HOURS)


def test_a_clock_set_back_over_a_restart_keeps_no_ban_for_ever(join: Open, machine: Machine) -> None:
    one = join()
    one.answered(granted(one), Verdict(status=429, retry_after=20 * HOURS))
    machine.restart(wall=0.0)
    later = join()
    leave, now = later.ask("on demand")
    assert isinstance(leave, ParkedUntil)
    assert leave.at - now == pytest.approx(20 * HOURS)
    machine.advance(20 * HOURS + 1)
    assert isinstance(later.ask("on demand")[0], Grant)


def test_a_long_journal_is_begun_anew_and_nothing_is_forgotten(join: Open, machine: Machine) -> None:
    one, two = join(), join()
    one.keep_to({"": (10_000_000, 86_400)})
    flying = granted(two)
    for _ in range(1050):
        machine.advance(0.01)
        one.answered(granted(one, "on demand"), Verdict(status=200))
    assert isinstance(granted(two, "on demand"), Grant)
    assert isinstance(granted(join(), "on demand"), Grant), "and who joins late begins in the middle"
    two.answered(flying, Verdict(status=429, retry_after=HOURS))
    assert isinstance(one.ask("on demand")[0], ParkedUntil)
    assert isinstance(join().ask("on demand")[0], ParkedUntil)
