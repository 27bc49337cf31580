"""The notebooks run on a lake as they are shipped, and `tunelake notebook` shows one in a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, expect
from tests.conftest import REPOSITORY, RunTunelake
from tests.servers.process import free_ports

pytestmark = pytest.mark.slow
TOURS = REPOSITORY / "src" / "tunelake" / "cli" / "notebooks"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a demo's home."""
    home = tmp_path_factory.mktemp("notebooks") / "home"
    command = [sys.executable, "-m", "tunelake", "demo", "--no-serve", "--json", "--artists", "60"]
    subprocess.run(command, env=os.environ | {"TUNELAKE_HOME": str(home)}, check=True, capture_output=True)
    return home


# Jupyter's packages warn of what they will change one day.
@pytest.mark.filterwarnings("default")
def test_the_jupyter_tour_runs(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNELAKE_HOME", str(home))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    book = nbformat.read(TOURS / "tour.ipynb", as_version=4)  # type: ignore[no-untyped-call]  # has no types
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = json.dumps([cell.get("outputs", []) for cell in book.cells])
    assert "vega" in shown
    assert "similar" in shown
    assert '"output_type": "error"' not in shown


def test_the_marimo_tour_runs(home: Path, tmp_path: Path) -> None:
    tour = shutil.copy(TOURS / "tour.py", tmp_path / "tour.py")
    command = [sys.executable, "-m", "marimo", "export", "html", str(tour), "-o", str(tmp_path / "tour.html")]
    done = subprocess.run(
        command,
        env=os.environ | {"TUNELAKE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "tour.html").read_text()
    assert "Most followed" in page
    assert "Similar to" in page


def test_the_tour_opens_in_a_browser(home: Path, tmp_path: Path, browser: Browser) -> None:
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "tunelake", "notebook", "--no-browser", f"--port={port}"]
    environ = os.environ | {"TUNELAKE_HOME": str(home)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            assert server.stdout is not None
            address = next(word for line in server.stdout for word in line.split() if "http://" in word)
            page = browser.new_page()
            page.goto(address)
            expect(page.get_by_text("A tour of your lake").first).to_be_visible(timeout=60_000)
            page.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    assert (tmp_path / "tunelake_tour.py").read_text() == (TOURS / "tour.py").read_text()


def test_what_is_not_there_is_told(run_tunelake: RunTunelake, tmp_path: Path) -> None:
    done = run_tunelake("notebook", str(tmp_path / "no.py"))
    assert done.returncode == 2
    assert "there is no notebook" in done.stderr
