"""Several real processes at one real server: they stay inside one budget, by lanes, and all keep to a ban."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
from bench.sockets import kept_waiting
from tests.conftest import ServeSandbox
from tests.servers.postgres import Postgres, postgres_server

WORKER = Path(__file__).with_name("asking.py")
Start = Callable[..., "subprocess.Popen[str]"]
SLACK_S = 0.25
"""The machine has other things to do."""
pytestmark = pytest.mark.slow


def environ(ready: dict[str, str]) -> dict[str, str]:
    names = ("api_url", "accounts_url", "client_id", "client_secret")
    return os.environ | {f"TUNELAKE_SPOTIFY_{name.upper()}": ready[name] for name in names}


def start(ready: dict[str, str], control: Path, lane: str, much: str, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(WORKER), str(control), lane, much]
    process = subprocess.Popen(command, env=environ(ready) | more, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate(timeout=120)
    found: dict[str, Any] = json.loads(out)
    return found


def seen(ready: dict[str, str]) -> dict[str, Any]:
    with urlopen(ready["control_url"], timeout=10) as answer:  # noqa: S310  (loopback)
        found: dict[str, Any] = json.load(answer)
    return found


def test_four_processes_stay_inside_one_budget(serve_sandbox: ServeSandbox, tmp_path: Path) -> None:
    ready = serve_sandbox("--artists", "5", "--limit", "window:60/2")
    workers = [start(ready, tmp_path / "control.db", "backfill", "8") for _ in range(4)]
    reports = [told(worker) for worker in workers]
    status = seen(ready)["by_status"]
    answered, refused = status["200"], status.get("429", 0)
    assert sum(report["replies"].get("accept", 0) for report in reports) == answered - 4, "and four tokens"
    assert refused <= 0.2 * answered, "as one alone would meet; each on its own, it would be most"
    assert min(report["replies"].get("accept", 0) for report in reports) > 0


def test_processes_share_a_budget_through_postgresql_and_send_nothing_without_it(
    serve_sandbox: ServeSandbox, tmp_path: Path
) -> None:
    ready = serve_sandbox("--artists", "5", "--limit", "window:60/2")
    with postgres_server() as postgres:
        shared = {"TUNELAKE_CONTROL_URL": postgres.new_database(), "TUNELAKE_MAX_WAIT_SECONDS": "5"}
        # Each machine has a home of its own.
        folders = [tmp_path / str(number) for number in range(4)]
        workers = [start(ready, one / "control.db", "backfill", "60", **shared) for one in folders]
        granted_up_to(ready, 60)
        cut_off(postgres)
        status = granted_up_to(ready, seen(ready)["by_status"]["200"] + 60)
        assert status.get("429", 0) <= 0.2 * status["200"], "as one alone would meet"
        postgres.process.send_signal(signal.SIGQUIT)
        postgres.process.wait()
        time.sleep(2)  # What was on its way arrives.
        before = seen(ready)["requests"]
        reports = [told(worker) for worker in workers]
        assert seen(ready)["requests"] == before, "not one request without a budget"
    for report in reports:
        (said,) = [reply for reply in report["replies"] if reply.startswith("Retryable")]
        assert "cannot be reached now" in said
        assert "nothing is sent until it can be used" in said
        assert postgres.password not in said
    assert not list(tmp_path.rglob("*.log"))


def granted_up_to(ready: dict[str, str], granted: int) -> dict[str, int]:
    """Wait until so many are granted; gives the answers by status."""
    for _ in range(600):
        by_status: dict[str, int] = seen(ready)["by_status"]
        if by_status.get("200", 0) >= granted:
            return by_status
        time.sleep(0.1)
    raise AssertionError(f"no {granted} requests were granted within a minute: {by_status}")


def cut_off(postgres: Postgres) -> None:
    """End all connections, as a network or a restart would."""
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tunelake'"
        )


@pytest.mark.parametrize("limit", ["bucket:10/10", "window:20/1"])
def test_what_somebody_waits_for_goes_before_the_backfill_of_another_process(
    serve_sandbox: ServeSandbox, tmp_path: Path, limit: str
) -> None:
    ready, control = serve_sandbox("--artists", "5", "--limit", limit), tmp_path / "control.db"
    backfill = start(ready, control, "backfill", "60")
    try:
        time.sleep(8)
        cards = [told(start(ready, control, "on demand", "x5")) for _ in range(4)]
    finally:
        backfill.kill()
        backfill.communicate()
    assert all(card["replies"] == {"accept": 5} for card in cards)
    waits = sorted(kept_waiting(control))
    assert len(waits) == 4
    assert waits[-2] < 1.0 + SLACK_S, waits


def test_a_ban_met_by_one_process_stops_all_at_once_and_outlives_kill_9(
    serve_sandbox: ServeSandbox, tmp_path: Path
) -> None:
    ready, control = serve_sandbox("--artists", "5", "--quota", "50:72000"), tmp_path / "control.db"
    workers = [start(ready, control, "backfill", "30") for _ in range(2)]
    reports = [told(worker) for worker in workers]
    assert all(report["replies"].get("held") for report in reports)
    status = seen(ready)
    assert status["by_status"]["429"] <= 16
    victim = start(ready, control, "backfill", "30")
    victim.kill()
    victim.communicate()
    for lane in ("on demand", "backfill"):
        report = told(start(ready, control, lane, "x5"))
        assert set(report["replies"]) == {"held"}
        assert report["tokens"] == 0
    assert seen(ready) == status, "not one request more, not even for a token"
