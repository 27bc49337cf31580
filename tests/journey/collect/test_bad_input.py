"""What a source or a person may say that is not so, through the command line against a real server.

Each is tried in more forms beside this, where that is cheaper:

- what a refusal says of waiting: unit/collect/test_collect_decide.py, test_collect_caller.py,
  test_open_sources.py; kill -9 during a ban: test_shared_budget.py
- clocks that jump, also over a restart: contract/collect/test_journals.py
- processes with different settings: unit/collect/budget/test_budget_quota.py
- a damaged ledger: test_refresh_and_ledger.py; beside a shared one: test_shared_control.py; a damaged
  journal: unit/collect/budget/test_budget_file_journal.py
- totals that lie, links without end, ids of other kinds: unit/collect/test_collect_states.py,
  property/test_collect_paging.py
- names: unit/collect/test_collect_match.py, property/test_collect_names.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import click
import pytest
from click.testing import CliRunner

from tunelake.cli.main import main
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.ids import id_of
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Ready, SandboxConfig, WindowLimit

pytestmark = pytest.mark.slow
JUMPED = """
import sys, time
real, jump = time.time, float(sys.argv.pop(1))
time.time = lambda: real() + jump
from tunelake.cli.main import main
main(sys.argv[1:])
"""
"""The command in a process whose clock of the day was set."""


class Operator:
    """Somebody at the command line, with a home of their own, and a sandbox."""

    def __init__(self, ready: Ready, home: Path, **settings: str) -> None:
        names = ("api_url", "accounts_url", "client_id", "client_secret")
        self.settings = {f"TUNELAKE_SPOTIFY_{name.upper()}": getattr(ready, name) for name in names}
        self.settings |= {"TUNELAKE_HOME": str(home), "TUNELAKE_MAX_WAIT_SECONDS": "20", **settings}

    def runs(self, *words: str) -> tuple[int, Any]:
        """Run a command in this process; its exit code, and what it printed."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.settings.items():
                patch.setenv(name, value)
            ended = CliRunner().invoke(_command, [*words, "--json"])
        assert isinstance(ended.exception, SystemExit | None), (words, ended.output, ended.exception)
        return ended.exit_code, json.loads(ended.stdout) if ended.stdout else {}

    def says(self, *words: str) -> str:
        """What a command prints for people."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.settings.items():
                patch.setenv(name, value)
            return CliRunner().invoke(_command, words).stdout

    def runs_with_clock(self, jump: timedelta, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process whose clock is wrong by so much."""
        command = [sys.executable, "-c", JUMPED, str(jump.total_seconds()), *words]
        environ = os.environ | self.settings
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@cache
def world() -> Catalogue:
    return open_catalogue(artists=5, seed=1, directory=None)


def serving(**told: Any) -> AbstractContextManager[Ready]:
    return running(SandboxConfig(**told), world())


def seen(ready: Ready) -> dict[str, Any]:
    with urlopen(ready.control_url, timeout=10) as answer:  # noqa: S310  (loopback)
        found: dict[str, Any] = json.load(answer)
    return found


def _main_group() -> click.Command:
    @click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    @click.pass_context
    def command(context: click.Context) -> None:
        main(context.args)

    return command


_command = _main_group()
NAMES = [word for name in ("BTS", "Radiohead", "Adele", "Drake", "IU") for word in ("--name", name)]


WINDOW = (WindowLimit(calls=4, seconds=1),)


@pytest.mark.parametrize("told", ["90000", "date:90000"])
def test_a_ban_parks_until_its_time_and_a_clock_that_jumps_neither_lifts_nor_keeps_it(
    tmp_path: Path, told: str
) -> None:
    with serving(limits=WINDOW, retry_after=told) as ready:
        one = Operator(ready, tmp_path / "home")
        code, report = one.runs("collect", "artists", *NAMES, "--with", "albums")
        assert code == 3
        until = datetime.fromisoformat(report["parked_until"])
        assert timedelta(hours=24) < until - datetime.now(UTC) < timedelta(hours=26)
        sent = seen(ready)["requests"]
        for days in (400, -400) if told == "90000" else ():
            ended = one.runs_with_clock(timedelta(days=days), "collect", "artists", "--name", "Björk")
            assert ended.returncode == 3, ended.stderr
            assert "parked by the source until" in ended.stdout
        assert one.runs("collect", "artists", "--name", "Björk")[0] == 3
        assert seen(ready)["requests"] == sent, "not even for a token"


@pytest.mark.parametrize("told", ["0", "soon", "date:0"])
def test_a_wait_of_nothing_or_garbage_is_no_storm_and_all_comes_in(tmp_path: Path, told: str) -> None:
    with serving(limits=WINDOW, retry_after=told) as ready:
        code, report = Operator(ready, tmp_path / "home").runs("collect", "artists", *NAMES)
        assert (code, report["by_state"]) == (0, {"fetched": 5})
        refused = seen(ready)["by_status"].get("429", 0)
        assert 1 <= refused <= 8, "it was met, and not run against"


@pytest.mark.parametrize(
    ("lie", "reason"),
    [("total", "the source states a total of"), ("circle", "circle"), ("endless", "without end")],
)
def test_lists_that_lie_end_and_are_owed(tmp_path: Path, lie: str, reason: str) -> None:
    with serving(lies=(lie,)) as ready:
        one = Operator(ready, tmp_path / "home")
        code, report = one.runs("collect", "artists", "--name", "BTS", "--with", "albums")
        assert code == 1
        assert reason in report["gaps"][0]["reason"]
        assert report["calls"] < 12
    code, known = one.runs("ledger", "--gaps")
    assert code == 1
    assert reason in known["gaps"][0]["owed"]


def test_names_that_are_none_are_told_and_what_holds_no_name_is_not_asked_for(tmp_path: Path) -> None:
    strange = ["x" * 5000, "\x07\x1b", "\u200f\u202e", "😀🎉"]
    file = tmp_path / "names.txt"
    file.write_text("\n".join([*strange, "\u202eBTS\u202c"]), encoding="utf-8")
    with serving() as ready:
        one = Operator(ready, tmp_path / "home")
        code, report = one.runs("collect", "artists", "--names", str(file))
    assert code == 0, report
    assert report["by_state"] == {"fetched": 1, "not_found": 4}
    assert [want["name"] for want in report["wants"] if want["state"] == "fetched"] == ["BTS"]
    assert all(want["reason"] for want in report["wants"] if want["state"] == "not_found")
    assert report["calls"] == 2, "BTS, and a name of emoji, which there are"
    # A person is shown none of what steers a terminal, nor 5,000 letters.
    shown = one.says("ledger")
    assert not set("\x07\x1b\u202e\u200f") & set(shown)
    assert r"\u202eBTS\u202c" in shown
    assert max(map(len, shown.splitlines())) < 500


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("artists", "spotify:album:{id}"),
        ("artists", "https://open.spotify.com/playlist/{id}"),
        ("artists", "\u202e{id}"),
        ("artists", "1" * 5000),
        ("playlists", "spotify:artist:{id}"),
        ("tracks", "spotify:artist:{id}"),
    ],
)
def test_an_id_of_another_kind_is_told_and_never_sent(tmp_path: Path, kind: str, text: str) -> None:
    with serving() as ready:
        one = Operator(ready, tmp_path / "home")
        code, report = one.runs("collect", kind, "--id", text.format(id=id_of("fact", kind, "x")))
        assert seen(ready)["requests"] == 0
    told = json.dumps(report)
    assert "not an id" in told or "is no track" in told
    assert code == (2 if kind == "tracks" else 0)


def test_a_control_database_that_is_none_is_told_and_made_anew_from_what_landed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving() as ready:
        one = Operator(ready, home)
        assert one.runs("collect", "artists", "--name", "BTS")[0] == 0
        for part in ("control.db", "control.db-wal", "control.db-shm"):
            (home / part).unlink(missing_ok=True)
        (home / "control.db").write_bytes(b"SQLite format 3\x00" + b"?" * 5000)
        code, said = one.runs("collect", "artists", "--name", "BTS")
        assert code == 2
        assert "ledger --rebuild" in json.dumps(said)
        code, made = one.runs("ledger", "--rebuild")
        assert (code, made["pages"]) == (0, 1)
        assert Path(made["kept"]).read_bytes().endswith(b"????")
        assert one.runs("collect", "artists", "--name", "BTS")[1]["calls"] == 0


def test_who_sets_a_wider_quota_keeps_to_the_stricter_of_another_process_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("\n".join(f"nobody {number} of them" for number in range(40)))
    words = ["collect", "artists", "--names", str(file)]
    with serving() as ready:
        strict = Operator(ready, tmp_path / "home", TUNELAKE_QUOTA="search=12:60")
        wide = Operator(
            ready, tmp_path / "home", TUNELAKE_QUOTA="search=1000:60", TUNELAKE_MAX_WAIT_SECONDS="0.5"
        )
        command = [sys.executable, "-m", "tunelake", *words]
        with subprocess.Popen(command, env=os.environ | strict.settings, stderr=subprocess.DEVNULL) as first:
            until = time.monotonic() + 60
            while not seen(ready)["catalogue"] and time.monotonic() < until:
                time.sleep(0.05)
            code, report = wide.runs(*words)
            first.kill()
        assert seen(ready)["by_endpoint"]["/v1/search"] <= 12
    assert code == 3, "parked, as 40 names do not fit"
    assert any("stricter quota (12 calls in 60 s to search)" in note for note in report["notes"]), report
