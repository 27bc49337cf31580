"""One sandbox for all of it, and two ways to run the command: here, or as a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.conftest import RunTunelake, sandbox_process
from tests.journey.bad_input.homes import Said, Tell
from tests.journey.bad_input.sick_server import SickServer, serving
from tests.servers.disk import small_disk

from tunelake.cli.main import main

CREDENTIALS = ("api_url", "accounts_url", "client_id", "client_secret")
MakeDisk = Callable[..., Path]


def settings_of(ready: dict[str, str]) -> dict[str, str]:
    """The settings that point to a sandbox."""
    return {f"TUNELAKE_SPOTIFY_{name.upper()}": ready[name] for name in CREDENTIALS}


@pytest.fixture(scope="session")
def healthy() -> Iterator[dict[str, str]]:
    """Settings that point to a sandbox without faults."""
    with sandbox_process("--artists", "30") as ready:
        yield settings_of(ready)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the home of this test is, or will be."""
    return tmp_path / "home"


@pytest.fixture
def tell(
    healthy: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tell:
    """Return a function that runs the command in this process, against the healthy sandbox unless told."""

    def run(*words: str, **settings: str) -> Said:
        with monkeypatch.context() as patch:
            for name, value in ({"TUNELAKE_HOME": str(home)} | healthy | settings).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(list(words))
        out, err = capsys.readouterr()
        return Said(ended.value.code if isinstance(ended.value.code, int) else -1, out, err)

    return run


@pytest.fixture
def start(healthy: dict[str, str], run_tunelake: RunTunelake) -> Tell:
    """Return a function that runs the command as a process of its own."""

    def run(*words: str, **settings: str) -> Said:
        ended = run_tunelake(*words, **(healthy | settings))
        return Said(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture
def sick_server(healthy: dict[str, str]) -> Iterator[SickServer]:
    """A server that answers nonsense with status 200 until it is cured."""
    with serving(healthy["TUNELAKE_SPOTIFY_ACCOUNTS_URL"]) as server:
        yield server


@pytest.fixture
def make_disk(tmp_path: Path) -> Iterator[MakeDisk]:
    """Return a function that mounts a small disk; skipped where this user cannot mount one."""
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(small_disk(tmp_path / "disk", *options))
