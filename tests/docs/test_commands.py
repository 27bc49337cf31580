"""Every command in the README and in docs/ is typed here as a reader would, page by page, in order.

A page is read in an empty folder with a home of its own and a sandbox in place of the real service. Commands
of `make` are not repeated (`make -n` shows that they exist); servers run until the page ends; a remark
`# exit code 1` says that a command is to end so.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY, sandbox_process
from tests.docs.markdown import PAGES, Command, commands, name

pytestmark = pytest.mark.slow

BIN = REPOSITORY / ".venv" / "bin"
# What brings the project or the system onto a machine: done long before a test runs.
INSTALLING = ("git clone", "cd ", "pipx ", "pip install", "sudo ", "apt-get ")
SERVERS = re.compile(r"^(\.venv/bin/)?tunelake (serve|sandbox serve|demo(?!.*--no-serve))\b")
URLS = ("api_url", "accounts_url", "client_id", "client_secret", "musicbrainz_url", "listenbrainz_url")
EXPORT = re.compile(r"^export ([A-Z_]+)=(.*?)\s*(?:#.*)?$")
SECONDS = 180


class Reader:
    """A reader at a terminal: remembers what was exported, and which servers run."""

    def __init__(self, folder: Path, ready: dict[str, str]) -> None:
        self.folder = folder
        kept = {key: text for key, text in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
        self.environ = kept | {
            "PATH": f"{BIN}:{kept['PATH']}",
            "TUNELAKE_HOME": str(folder / "home"),
            "TUNELAKE_SPOTIFY_API_URL": ready["api_url"],
            "TUNELAKE_SPOTIFY_ACCOUNTS_URL": ready["accounts_url"],
            "TUNELAKE_MUSICBRAINZ_URL": ready["musicbrainz_url"],
            "TUNELAKE_LISTENBRAINZ_URL": ready["listenbrainz_url"],
            "TUNELAKE_SPOTIFY_CLIENT_ID": ready["client_id"],
            "TUNELAKE_SPOTIFY_CLIENT_SECRET": ready["client_secret"],
        }
        self.servers: list[subprocess.Popen[str]] = []
        (folder / ".venv").symlink_to(REPOSITORY / ".venv")

    def type(self, text: str) -> None:
        """Do what one command says."""
        exported = EXPORT.match(text)
        if exported:
            # "..." stands for what the sandbox printed, and that is set already.
            if exported[2] != "...":
                self.environ[exported[1]] = exported[2].strip("'\"")
        elif text.startswith("make "):
            self._run(f"make -n -C '{REPOSITORY}' {text.removeprefix('make ')}", 0)
        elif SERVERS.match(text):
            self._serve(text)
        elif not text.startswith(INSTALLING):
            expected = re.search(r"# exit code (\d+)", text)
            self._run(text, int(expected[1]) if expected else 0)

    def leave(self) -> None:
        """End what still runs."""
        for server in self.servers:
            server.send_signal(signal.SIGINT)
        for server in self.servers:
            server.wait(30)

    def _run(self, text: str, expected: int) -> None:
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{text}"],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        said = f"{done.stdout[-1500:]}\n{done.stderr[-3000:]}"
        assert done.returncode == expected, f"exit code {done.returncode}, expected {expected}\n{said}"

    def _serve(self, text: str) -> None:
        server = subprocess.Popen(
            ["bash", "-c", f"exec {text}"],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.servers.append(server)
        said: list[str] = []
        ready = threading.Event()

        def listen() -> None:
            assert server.stdout is not None
            with server.stdout:
                for line in server.stdout:
                    said.append(line)
                    if "http://" in line:
                        ready.set()
            ready.set()

        threading.Thread(target=listen, daemon=True).start()
        assert ready.wait(SECONDS), f"no address within {SECONDS} s: {''.join(said)}"
        assert any("http://" in line for line in said), f"it ended: {''.join(said)}"


def typed(page: Path) -> list[Command]:
    return list(commands(name(page), page.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def ready() -> Iterator[dict[str, str]]:
    with sandbox_process("--artists", "60") as told:
        yield told


@pytest.mark.parametrize("page", [page for page in PAGES if typed(page)], ids=name)
def test_the_commands_of_a_page_work(page: Path, ready: dict[str, str], tmp_path: Path) -> None:
    reader = Reader(tmp_path, ready)
    try:
        for command in typed(page):
            try:
                reader.type(command.text)
            except AssertionError as error:
                pytest.fail(f"{command.page}:{command.line}: {command.text}\n{error}", pytrace=False)
    finally:
        reader.leave()


@pytest.mark.parametrize(
    "text", ["false", "make no-such-target", "false | true", "tunelake serve --no-such-option"]
)
def test_a_command_that_fails_is_noticed(text: str, tmp_path: Path) -> None:
    nothing = dict.fromkeys(URLS, "")
    reader = Reader(tmp_path, nothing)
    with pytest.raises(AssertionError):
        reader.type(text)
    reader.leave()


def test_an_expected_exit_code_is_expected(tmp_path: Path) -> None:
    nothing = dict.fromkeys(URLS, "")
    reader = Reader(tmp_path, nothing)
    reader.type("exit 3  # exit code 3")
    reader.type("export WORD='a b'  # remark")
    reader.type("""test "$WORD" = 'a b'""")
    with pytest.raises(AssertionError):
        reader.type("true  # exit code 1")
