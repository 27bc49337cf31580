"""Files of a budget that are torn, damaged or cannot be written."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tunelake.collect.budget.budgets import key_of
from tunelake.collect.budget.file_journal import FileJournal
from tunelake.collect.budget.governor import Grant, ParkedUntil
from tunelake.collect.budget.shared_governor import SharedGovernor
from tunelake.collect.budget.verdicts import Verdict
from tunelake.errors import ConfigError, Fatal

DIES = """
import os, signal, sys
from pathlib import Path
from tunelake.collect.budget.file_journal import FileJournal
from tunelake.collect.budget.shared_governor import SharedGovernor
from tunelake.collect.budget.verdicts import Verdict
governor = SharedGovernor(FileJournal(Path(sys.argv[1]), "k"))
grants = [governor.ask("backfill")[0] for _ in range(3)]
if sys.argv[2] == "banned":
    governor.answered(grants[0], Verdict(status=429, retry_after=72000.0))
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(folder: Path, what: str) -> None:
    """Let a process use the budget, and end by kill -9 with requests in flight."""
    ended = subprocess.run([sys.executable, "-c", DIES, str(folder), what], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL


def opened(folder: Path) -> SharedGovernor:
    return SharedGovernor(FileJournal(folder, "k"))


def test_a_ban_outlives_kill_9(tmp_path: Path) -> None:
    killed(tmp_path, "banned")
    governor = opened(tmp_path)
    leave, now = governor.ask("on demand")
    assert isinstance(leave, ParkedUntil)
    assert leave.at - now == pytest.approx(72_000, abs=60)
    governor.close()


def test_what_a_killed_process_had_in_flight_is_buried(tmp_path: Path) -> None:
    killed(tmp_path, "busy")
    governor = opened(tmp_path)
    assert not isinstance(governor.ask("backfill")[0], Grant)
    governor.bury()
    assert isinstance(governor.ask("backfill")[0], Grant)
    governor.close()


def test_a_line_without_an_end_is_cut(tmp_path: Path) -> None:
    governor = opened(tmp_path)
    governor.ask("backfill")
    with (tmp_path / "k.log").open("ab") as file:
        file.write(b'{"type":"asked","at":17')
    other = opened(tmp_path)
    leave, _ = other.ask("backfill")
    assert isinstance(leave, Grant)
    assert leave.number == 2
    assert isinstance(governor.ask("backfill")[0], Grant)
    governor.close()
    other.close()


@pytest.mark.parametrize("damage", [b"\x00\xff nothing\n", b'{"type":"whole"}\n', b'{"type":"?"}\n'])
def test_a_damaged_journal_is_named_with_what_to_do(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "k.log").write_bytes(damage)
    governor = opened(tmp_path)
    with pytest.raises(ConfigError, match=r"k\.log is damaged.*move it away"):
        governor.ask("backfill")
    (tmp_path / "k.log").unlink()
    assert isinstance(governor.ask("backfill")[0], Grant)
    governor.close()


def test_a_full_disk_sends_nothing_and_says_so(tmp_path: Path) -> None:
    governor = opened(tmp_path)
    grant, _ = governor.ask("backfill")
    assert isinstance(grant, Grant)
    size = (tmp_path / "k.log").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, hard))
    try:
        with pytest.raises(Fatal, match="no space left"):
            governor.ask("backfill")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert (tmp_path / "k.log").stat().st_size == size
    governor.answered(grant, Verdict(status=200))
    assert isinstance(governor.ask("backfill")[0], Grant)
    governor.close()


def test_each_account_at_each_server_has_its_own_budget() -> None:
    keys = {
        key_of(server, account)
        for server in ("https://api.spotify.com/v1", "http://127.0.0.1:9/v1", "http://[::1]:9/v1")
        for account in ("one", "two")
    }
    assert len(keys) == 6
    assert all(Path(key).name == key and os.sep not in key for key in keys)
