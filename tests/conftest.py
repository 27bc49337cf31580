"""What every test may ask for: a clean environment, folders, servers, a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = [f"tests.servers.{name}" for name in ("postgres", "mariadb", "valkey", "dynamodb", "s3")]

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
IN_CI = os.environ.get("CI") == "true"

# No deadline: how long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("default", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if IN_CI else "default")

# A shell in the background starts programs deaf to Ctrl-C; the tests, and what they start, are to hear it.
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    and threading.current_thread() is threading.main_thread()
):
    signal.signal(signal.SIGINT, signal.default_int_handler)

RunTunelake = Callable[..., "subprocess.CompletedProcess[str]"]
ServeSandbox = Callable[..., dict[str, str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow tests first; skip, with the reason, what needs the real data where they are not."""
    # Each worker begins with an equal part of all tests: slow ones that come last would leave others idle.
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = [item for item in items if not item.get_closest_marker("slow")]
    parts = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "2"))
    items.clear()
    for part in range(1, parts + 1):
        slow_ones = len(slow) * part // parts
        items += slow[len(slow) * (part - 1) // parts : slow_ones]
        items += quick[len(items) - slow_ones : (len(slow) + len(quick)) * part // parts - slow_ones]
    if SHARED_DATA.is_dir():
        return
    reason = pytest.mark.skip(reason=f"the real data are not beside the project ({SHARED_DATA.name}/)")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(reason)


def missing(part: str, remedy: str) -> None:
    """Skip a test whose part is missing; in CI nothing may be missing, so there it fails."""
    message = f"{part} is missing: {remedy}"
    if IN_CI:
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep a developer's settings out of the tests, and the tests out of a developer's data."""
    for name in [name for name in os.environ if name.startswith("TUNELAKE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "user-data"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the project."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data; mark such tests `shared` too."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data are not beside the project")
    return SHARED_DATA


@pytest.fixture
def run_tunelake(tmp_path: Path) -> RunTunelake:
    """Return a function that runs the command in a process of its own and gives what it said."""

    def run(
        *words: str, home: Path | None = None, timeout: float = 120, stdin: str | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        environ = os.environ | {"TUNELAKE_HOME": str(home or tmp_path / "home"), **settings}
        command = [sys.executable, "-m", "tunelake", *words]
        return subprocess.run(
            command, env=environ, input=stdin, capture_output=True, text=True, timeout=timeout, check=False
        )

    return run


@contextmanager
def sandbox_process(*options: str) -> Iterator[dict[str, str]]:
    """Run `tunelake sandbox serve` on a free port; gives the line of JSON it prints when ready."""
    command = [sys.executable, "-m", "tunelake", "sandbox", "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the sandbox did not start: exit code {process.wait(10)}"
        ready: dict[str, str] = json.loads(line)
        yield ready
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def serve_sandbox() -> Iterator[ServeSandbox]:
    """Return a function that starts a sandbox with options; each is ended after the test."""
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(sandbox_process(*options))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium", "make system")
    assert path is not None
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Return a headless browser, one for the tests of a module: while it is up, no other loop can run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()
