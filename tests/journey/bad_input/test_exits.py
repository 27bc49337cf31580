"""Each exit code, by a command that ends so: 0, 1, 2, 3, 4 and 130."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import ServeSandbox
from tests.journey.bad_input.conftest import settings_of
from tests.journey.bad_input.homes import ALL, MANY, Said, Tell, pages, rows

from tunelake.lake.home import Home
from tunelake.lake.landing.landing_files import LandingFiles


def test_0_done_and_2_the_users_mistake(tell: Tell) -> None:
    assert tell("collect", "artists", "--name", "Adele").code == 0
    assert tell("ask", "Adele").code == 0
    assert tell("ask", "Nobody Anywhere Xyzzy").code == 0, "not found is final, and no gap"
    for words in ([], ["collect"], ["no-such"], ["--nope"], ["ask", "x", "--lang", "tlh"]):
        said = tell(*words)
        assert said.code == 2, words
        assert "Traceback" not in said.err
    assert "Did you mean 'collect'?" in tell("colect").err


def test_1_done_with_gaps_which_are_listed(tell: Tell, serve_sandbox: ServeSandbox) -> None:
    failing = settings_of(serve_sandbox("--artists", "5", "--rate-5xx", "1.0"))
    said = tell("collect", "artists", "--name", "Adele", **failing)
    assert said.code == 1
    assert "1 gap, still owed" in said.out
    assert "artist Adele: deferred" in said.out
    assert tell("ledger", **failing).code == 1


def test_3_parked_wins_over_gaps_and_says_until_when(tell: Tell, serve_sandbox: ServeSandbox) -> None:
    strict = settings_of(serve_sandbox("--artists", "5", "--quota", "1:3600"))
    said = tell("collect", "artists", "--name", "Adele", "--name", "TWICE", "--json", **strict)
    assert said.code == 3
    assert said.document["exit_code"] == 3
    assert said.document["parked_until"]
    assert said.document["gaps"]
    again = tell("collect", "artists", "--name", "Madonna", "--json", **strict)
    assert again.code == 3
    assert again.document["calls"] == 0, "nothing is sent before the time"
    assert tell("ask", "Madonna", **strict).code == 3


def test_4_failed_without_a_word_of_python(tell: Tell, home: Path) -> None:
    assert tell("collect", "artists", "--name", "Adele").code == 0
    for path in (home / "tables" / "artists" / "_delta_log").iterdir():
        path.write_bytes(b"not JSON")
    said = tell("build")
    assert said.code == 4
    assert str(home / "tables" / "artists") in said.err or "artists" in said.err
    assert "Traceback" not in said.err


def test_4_an_error_nobody_foresaw_asks_for_a_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import tunelake
    from tunelake.cli.main import main

    def broken() -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(tunelake, "open", broken)
    with pytest.raises(SystemExit) as ended:
        main(["ledger", "--json"])
    out, err = capsys.readouterr()
    said = Said(4, out, err)
    assert ended.value.code == 4
    assert "please report the lines above" in err
    assert said.document == {"error": {"message": "a bug of ours", "exit_code": 4}}


def wait_for(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.mark.parametrize("times", [1, 2])
def test_130_interrupted_keeps_what_came_and_goes_on(
    tell: Tell, home: Path, serve_sandbox: ServeSandbox, tmp_path: Path, times: int
) -> None:
    slow = settings_of(serve_sandbox("--artists", "5", "--latency", "0.3"))
    asked = [word for name in MANY for word in ("--name", name)]
    collect = ["collect", "artists", *asked, "--with", ALL, "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tunelake", *collect],
        env=os.environ | slow | {"TUNELAKE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        landing = LandingFiles(Home(home))
        wait_for(lambda: (home / "raw" / "landing").is_dir() and sum(1 for _ in landing.pages()) > 3)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
        said = Said(0, *process.communicate(timeout=30))
    finally:
        process.kill()
    assert process.returncode == 130, said.err
    assert "interrupted; what was landed is kept: run the same command to go on" in said.err
    assert "Traceback" not in said.err
    assert said.document["error"]["exit_code"] == 130
    kept = pages(home)
    assert kept > 3

    again = tell(*collect, **slow)
    assert again.code == 0
    whole = tmp_path / "whole"
    straight = tell(*collect, TUNELAKE_HOME=str(whole), **slow)
    assert straight.code == 0
    assert again.document["calls"] < straight.document["calls"], "what landed is not asked again"
    assert rows(home) == rows(whole)
