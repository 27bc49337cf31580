from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tunelake.cli.status_text import lines
from tunelake.collect.budget.governor import Governor, Grant, State
from tunelake.collect.entities import Sight
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.collect.ports import Gate, Want
from tunelake.domain import states
from tunelake.errors import ConfigError
from tunelake.observe.budgets import BudgetState, QuotaState, budget_of
from tunelake.observe.jobs import Job
from tunelake.observe.sqlite_ledgers import ledgers
from tunelake.observe.status import (
    Estimate,
    LakeState,
    LedgerState,
    Status,
    StoreState,
    TableState,
    estimate,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = "http://here/v1"
WANTED, FETCHED = states.State.WANTED, states.State.FETCHED


def test_ledgers_are_counted_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    ledger = SqlLedger(path, HERE)
    ledger.put_wants([Want(kind="artist", asked="BTS", state=WANTED)], NOW)
    ledger.see([
        Sight(kind="track", id="t1", state=WANTED, at=NOW),
        Sight(kind="track", id="t2", state=FETCHED, at=NOW),
        Sight(kind="albums", id="a1", state=FETCHED, at=NOW, total=7, seen=6),
    ])  # fmt: skip
    ledger.put_gate("me", Gate(endpoint="artists", state=states.State.FORBIDDEN, reason="403", at=NOW))
    ledger.close()
    for server in ("http://old/v1", "http://older/v1"):
        other = SqlLedger(path, server)
        other.put_wants([Want(kind="artist", asked="IU", state=FETCHED)], NOW)
        other.close()
    (found, rest) = ledgers(path, {"spotify": HERE, "musicbrainz": "http://mb"})
    assert found == LedgerState(
        source="spotify",
        server=HERE,
        wants={"artist": {"wanted": 1}},
        things={"albums": {"fetched": 1}, "track": {"fetched": 1, "wanted": 1}},
        short=1,
        closed=["artists"],
    )
    assert found.owed == {"artist": 1, "track": 1}
    assert (rest.source, rest.wants) == ("other", {"artist": {"fetched": 2}})


def test_a_damaged_control_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    path.write_bytes(b"no database " * 400)
    with pytest.raises(ConfigError, match="--rebuild"):
        ledgers(path, {"spotify": HERE})


DAILY = QuotaState(endpoint="", calls=100, period_s=86_400, reserve=0.2)
OWED = LedgerState(
    source="spotify", server=HERE, things={"track": {"wanted": 101}, "albums": {"deferred": 2}}
)


@pytest.mark.parametrize(
    ("ledger", "budget", "rate", "calls", "seconds"),
    [
        (OWED, None, 0.0, 5, None),
        (OWED, None, 5.0, 5, 1),
        (OWED, BudgetState(source="spotify", rate=0.5), 0.0, 5, 10),
        (msgspec.structs.replace(OWED, closed=["tracks"]), None, 1.0, 103, 103),
        (msgspec.structs.replace(OWED, wants={"artist": {"wanted": 700}}), None, 1.0, 705, 705),
        (OWED, BudgetState(source="spotify", parked_until=NOW + timedelta(hours=1)), 5.0, 5, 3601),
        (
            OWED,
            BudgetState(source="spotify", rate=10, quotas=[DAILY]),
            0.0,
            5,
            5400,
        ),
    ],
)
def test_the_end_of_what_is_owed_is_reckoned(
    ledger: LedgerState, budget: BudgetState | None, rate: float, calls: int, seconds: float | None
) -> None:
    found = estimate(ledger, budget, rate, NOW)
    assert found is not None
    assert found.calls == calls
    assert found.done_at == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_nothing_owed_needs_no_time() -> None:
    assert estimate(LedgerState(source="spotify", server=HERE), None, 1.0, NOW) is None


def test_what_a_governor_learned_is_said() -> None:
    governor, now = Governor(), 1000.0
    for _ in range(30):
        leave = governor.ask(now)
        assert isinstance(leave, Grant)
        governor.answered(leave, now + 0.05, 200)
        now += 0.1
    leave = governor.ask(now)
    assert isinstance(leave, Grant)
    governor.answered(leave, now + 0.05, 429, 7.0)
    governor.ask(now + 0.1, "on demand")
    state = msgspec.msgpack.decode(governor.state(), type=State)
    found = budget_of("spotify", "mine", state, now + 0.1, NOW)
    assert found.limits
    assert (found.granted, found.refused, found.in_flight) == (30, 1, 0)
    assert found.rate is not None
    assert found.lately == pytest.approx(3.0)
    assert found.waiting == ["on demand"]
    assert found.parked_until is None


def test_a_ban_and_a_quota_are_said_by_the_clock_of_the_day() -> None:
    governor = Governor()
    for number in range(11):
        leave = governor.ask(1000.0 + number)
        assert isinstance(leave, Grant)
        exceeded = number == 10
        governor.answered(
            leave, 1000.0 + number, 429 if exceeded else 200, 72_000.0 if exceeded else None,
            quota_exceeded=exceeded,
        )  # fmt: skip
    state = msgspec.msgpack.decode(governor.state(), type=State)
    found = budget_of("spotify", "mine", state, 1010.0, NOW)
    assert found.parked_until == NOW + timedelta(seconds=72_000)
    (quota,) = found.quotas
    assert quota.ends == NOW + timedelta(seconds=72_000)
    assert (quota.calls, quota.left, quota.reserve) == (10, 0, 0.2)
    assert found.quota_left == 0


def a_status(**changes: object) -> Status:
    plain = Status(
        at=NOW,
        version="1",
        home="home",
        running=[],
        last=[],
        ledgers=[],
        budgets=[],
        estimates=[],
        lake=LakeState(),
        stores=[],
    )
    return msgspec.structs.replace(plain, **changes)


def test_an_empty_home_says_so() -> None:
    assert list(lines(a_status())) == [
        "Tunelake 1 in home, 2026-11-22 12:00:00 UTC",
        "", "RUNNING NOW", "  nothing",
        "", "SOURCES", "  nothing was asked for yet",
        "", "LAKE", "  empty", "  never landed; everything has landed",
    ]  # fmt: skip


def test_a_busy_home_is_told_to_its_operator() -> None:
    begun = NOW - timedelta(seconds=192)
    job = Job(
        id="1", name="collect artists", pid=42, started_at=begun, updated_at=NOW, stage="albums", done=120,
        total=400, requests=1520, refused=3, rate=7.9,
    )  # fmt: skip
    died = Job(
        id="2",
        name="build",
        pid=41,
        started_at=begun,
        updated_at=NOW,
        ended_at=NOW,
        outcome="died",
        says="gone",
    )
    state = a_status(
        running=[job],
        last=[died],
        ledgers=[
            LedgerState(
                source="spotify", server=HERE, wants={"artist": {"wanted": 2, "fetched": 1000}}, short=1,
                closed=["artists"],
            )
        ],
        budgets=[
            BudgetState(
                source="spotify", limits=["240 in 30 s, rolling"], rate=8.0, share=0.97, granted=1517,
                refused=3, in_flight=2, waiting=["backfill"], quota_left=120,
                quotas=[QuotaState(
                    endpoint="search", calls=600, left=120, period_s=86_400, reserve=0.2,
                    ends=NOW + timedelta(hours=5),
                )],
                parked_until=NOW + timedelta(hours=20), reason="asked to wait",
            )
        ],
        estimates=[
            Estimate(
                source="spotify", owed={"artist": 2}, calls=3, rate=8.0, done_at=NOW + timedelta(hours=21),
                says="at the rate of the job that runs",
            )
        ],
        lake=LakeState(
            bytes={"raw": 5_100_000, "tables": 0},
            tables=[TableState(name="artists", version=3, rows=1002, files=1, bytes=812)],
            landed_at=NOW - timedelta(minutes=3),
            waiting_bytes=2048,
            waiting_since=NOW - timedelta(seconds=30),
            troubles=["table albums cannot be read: no log"],
        ),
        stores=[StoreState(name="catalogue.db", bytes=10, written_at=NOW - timedelta(days=3))],
    )  # fmt: skip
    assert (
        list(lines(state))
        == """\
Tunelake 1 in home, 2026-11-22 12:00:00 UTC

RUNNING NOW
  collect artists  pid 42  for 3.2 min  albums: 120 of 400  1,520 requests, 7.9/s  3 refused (429)

SOURCES
  spotify       PARKED until 2026-11-23 08:00:00 UTC (for 20 h): asked to wait; nothing is sent
                limit: 240 in 30 s, rolling, 8/s; 97% of it used in the last minute
                waiting: backfill; refused: 3 of 1,520 requests; 2 in flight
                quota of search: 600 in 24 h, 120 left, until 17:00:00; 20% is kept for on demand
                owed: 2 artists
                about 3 calls; done about 2026-11-23 09:00 (at the rate of the job that runs)

LEDGER
  spotify  asked for    artists    1,000 fetched, 2 wanted
  spotify  known        lists      1 shorter than the source states
  spotify  not allowed  endpoints  artists

LAKE
  5.1 MB: raw 5.1 MB
  landed 3 min ago; 2.0 kB wait to be landed, the oldest for 30 s
  rows in the log of each table:
  1,002  artists  812 B  1 file

STORES
  catalogue.db  10 B  written 3 d ago

LAST JOBS
  11:56:48  build  died  in 3.2 min  gone

NEEDS ATTENTION
  table albums cannot be read: no log
  the last job (build) died: gone
""".splitlines()
    )
