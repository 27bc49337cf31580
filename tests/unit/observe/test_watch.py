from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tunelake.collect.ports import HttpRequest, HttpResponse
from tunelake.collect.scripted_transport import ManualClock, ScriptedTransport
from tunelake.collect.watch import outcome_of, route_of, watched
from tunelake.errors import ConfigError, Retryable
from tunelake.observe.counts import JOBS, ON_DEMAND, REQUEST_SECONDS, REQUESTS, Counts, summed
from tunelake.observe.sqlite_logbook import Logbook
from tunelake.observe.watch import watching
from tunelake.settings import Settings


@pytest.fixture
def logbook(tmp_path: Path) -> Logbook:
    return Logbook(tmp_path / "control.db", tmp_path / "locks")


def quiet(stage: str, done: int, total: int | None) -> None:
    """Progress for nobody."""


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/artists/0TnOYISbd1XYRBk9myaseg/albums", "/artists/{id}/albums"),
        ("/search", "/search"),
        ("/1/popularity/artist", "/1/popularity/artist"),
        ("/playlists/BTS 좋아해/items", "/playlists/{id}/items"),
        ("/me/player/recently-played", "/me/player/recently-played"),
        ("", "/"),
    ],
)
def test_a_route_names_no_thing(path: str, route: str) -> None:
    assert route_of(path) == route


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (HttpResponse(status=200), "200"),
        (HttpResponse(status=429, body=b'{"error":{"reason":"QUOTA_EXCEEDED"}}'), "quota_exceeded"),
        (HttpResponse(status=429), "429"),
        (HttpResponse(status=599), "5xx"),
        (HttpResponse(status=200, trouble="cut"), "cut"),
    ],
)
def test_outcomes_are_few(response: HttpResponse, outcome: str) -> None:
    assert outcome_of(response) == outcome


def test_requests_of_a_watched_job_are_counted_for_good(logbook: Logbook, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, spotify_api_url="http://here/v1", spotify_accounts_url="http://here")
    for status in (200, 429):
        with watching("collect artists", logbook, quiet) as watch:
            answers = [HttpResponse(status=status)] * 2
            transport, clock = watched(settings, ScriptedTransport(answers), ManualClock(), watch)
            for path in ("/v1/artists/abc", "/api/token"):
                request = HttpRequest(method="GET", url=f"http://here{path}", headers={})
                asyncio.run(transport.send(request))
            asyncio.run(clock.sleep(0))
            watch("artists", 1, 2)
    counts = logbook.counts()
    assert summed(counts, REQUESTS, "outcome") == {"200": 2, "429": 2}
    assert summed(counts, REQUESTS, "endpoint") == {"/artists/{id}": 2, "/api/token": 2}
    assert set(summed(counts, REQUEST_SECONDS, "source")) == {"spotify"}
    assert counts[JOBS, ("collect artists", "done")] == 2
    last = logbook.jobs()[0]
    assert (last.outcome, last.requests, last.refused, last.stage, last.done, last.total) == (
        "done", 2, 2, "artists", 1, 2
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "outcome", "says"),
    [
        (KeyboardInterrupt(), "interrupted", "by its user; the same command goes on"),
        (ConfigError("set it"), "refused", "set it"),
        (Retryable("busy"), "parked", "busy"),
        (ValueError("a name of somebody"), "failed", "ValueError"),
    ],
)
def test_how_a_job_ended_is_known(logbook: Logbook, error: BaseException, outcome: str, says: str) -> None:
    with pytest.raises(type(error)), watching("build", logbook, quiet):
        raise error
    job = logbook.jobs()[0]
    assert (job.outcome, job.says, job.ended_at is None) == (outcome, says, False)


def test_a_killed_process_has_died_and_one_that_runs_has_not(logbook: Logbook, tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from tunelake.observe.sqlite_logbook import Logbook
from tunelake.observe.watch import watching
home = Path({str(tmp_path)!r})
with watching("collect artists", Logbook(home / "control.db", home / "locks"), print):
    print("up", flush=True)
    input()
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        before = logbook.jobs()[0]
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    assert (before.outcome, before.pid) == ("running", process.pid)
    assert logbook.jobs()[0].outcome == "died"
    with watching("build", logbook, quiet):
        pass
    ends = [(job.name, job.outcome) for job in logbook.jobs()]
    assert ends == [("build", "done"), ("collect artists", "died")]
    assert list((tmp_path / "locks" / "jobs").iterdir()) == []


def test_a_damaged_control_database_is_told_and_stops_no_job(logbook: Logbook, tmp_path: Path) -> None:
    (tmp_path / "control.db").write_bytes(b"no database " * 400)
    with watching("build", logbook, quiet):
        pass
    with pytest.raises(ConfigError, match="--rebuild"):
        logbook.jobs()


def test_a_duration_is_in_all_buckets_above_it() -> None:
    counts = Counts()
    counts.observe(ON_DEMAND, "found", seconds=1.5)
    told = {labels[1]: value for (_, labels), value in counts.take().items()}
    assert told == {"2": 1, "5": 1, "10": 1, "30": 1, "60": 1, "+Inf": 1, "sum": 1.5}
    assert counts.take() == {}


def test_labels_must_be_those_of_the_count() -> None:
    with pytest.raises(ValueError, match="has the labels"):
        Counts().add(REQUESTS, "spotify")
