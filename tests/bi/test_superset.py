"""The dashboard in a real Superset: imported by its API, read in a browser, with data from PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.bi.superset_server import LOGIN, PROGRAM, Superset, superset_server
from tests.conftest import RunTunelake, sandbox_process
from tests.journey.path.homes import CREDENTIALS
from tests.servers.postgres import Postgres

from tunelake.publish.bi.board import ROWS, SLUG, TITLE
from tunelake.publish.bi.superset import database_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(not PROGRAM, reason="make test-bi brings Superset")
NAMES = ("BTS", "BLACKPINK", "aespa", "SHINee", "Coldplay", "Adele", "Radiohead", "TWICE", "IU", "Halsey")
CHARTS = [chart for row in ROWS for chart in row]
PASSWORD = "a reader's pass/word@1"


@pytest.fixture(scope="module")
def superset() -> Iterator[Superset]:
    with superset_server() as server:
        yield server


@pytest.fixture
def bundle(
    run_tunelake: RunTunelake, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> bytes:
    """Collect, publish to PostgreSQL, let a reader in, write the bundle: as a person does."""
    monkeypatch.setenv("TUNELAKE_CATALOGUE_URL", postgres.new_database())
    monkeypatch.setenv("TUNELAKE_READER_PASSWORD", PASSWORD)
    file = tmp_path / "dashboard.zip"
    asked = [word for name in NAMES for word in ("--name", name)]
    with sandbox_process("--artists", "300") as ready:
        for name in CREDENTIALS:
            monkeypatch.setenv(f"TUNELAKE_SPOTIFY_{name.upper()}", ready[name])
        for words in (
            ["collect", "artists", *asked, "--with", "albums,tracks,top-tracks,features,related"],
            ["build"],
            ["publish", "reader", "analyst"],
            ["publish", "superset", str(file), "--login", "analyst"],
        ):
            done = run_tunelake(*words)
            assert done.returncode == 0, done.stderr
    written = file.read_bytes()
    assert PASSWORD.encode() not in written
    return written


def test_the_dashboard_shows_what_was_published(
    superset: Superset, bundle: bytes, browser: Browser, tmp_path: Path
) -> None:
    superset.import_dashboards(bundle, {database_file(): PASSWORD})
    superset.import_dashboards(bundle, {database_file(): PASSWORD})  # changes nothing
    assert superset.call("dashboard/")["count"] == 1
    assert superset.call("chart/")["count"] == len(CHARTS)

    page = browser.new_context(viewport={"width": 1400, "height": 2600}).new_page()
    failed: list[str] = []
    answers: list[Any] = []

    def heard(response: Any) -> None:
        if "/api/v1/chart/data" in response.url:
            answers.append(response)

    page.on("response", heard)
    log_in(page, superset)
    page.goto(f"{superset.url}/superset/dashboard/{SLUG}/")
    page.get_by_text(TITLE).first.wait_for(timeout=60_000)
    for chart in CHARTS:
        page.get_by_text(chart.title, exact=True).first.wait_for(timeout=60_000)
    page.wait_for_function(
        "count => document.querySelectorAll('.slice_container').length >= count", arg=len(CHARTS)
    )
    page.wait_for_function("() => !document.querySelector('.loading, [data-test=loading-indicator]')")
    page.wait_for_load_state("networkidle")
    picture = Path(os.environ.get("SUPERSET_PICTURE", tmp_path / "dashboard.png"))
    page.screenshot(path=picture)

    assert len(answers) >= len(CHARTS)
    for answer in answers:
        assert answer.status == 200, answer.text()
        (result,) = answer.json()["result"]
        assert result["error"] is None, result["error"]
        if not result["rowcount"]:
            failed.append(result["query"])
    assert not failed
    shown = page.locator("body").inner_text()
    assert all(name in shown for name in _most_popular(answers)[:5])
    assert "error" not in shown.lower(), shown


def _most_popular(answers: list[Any]) -> list[str]:
    results = [answer.json()["result"][0] for answer in answers]
    (listed,) = (one["data"] for one in results if "followers" in one["colnames"])
    return [row["name"] for row in listed]


def log_in(page: Page, superset: Superset) -> None:
    page.goto(f"{superset.url}/login/")
    page.locator("input[type=text], input#username").first.fill(LOGIN)
    page.locator("input[type=password]").first.fill(superset.password)
    page.locator("button[type=submit], input[type=submit]").first.click()
    page.wait_for_url("**/superset/welcome/**", timeout=60_000)
