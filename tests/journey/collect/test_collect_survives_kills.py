"""A collecting process is killed at random points: nothing is lost, nothing comes or is asked twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from tests.journey.collect import killed

from tunelake.collect.known import SERVER, name_on
from tunelake.domain.pages import Page
from tunelake.lake.lake import Lake
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import SandboxConfig
from tunelake.sources.request import Request
from tunelake.sources.spotify.rows import read_rows

_REPOSITORY = Path(__file__).resolve().parents[3]
NAMES = ["BTS", "방탄소년단", "Björk", "Radiohead", "Guns N’ Roses", "Adele", "Gorillaz", "Nobody Zzz"]
KILLS = int(os.environ.get("TUNELAKE_TEST_KILLS", "20"))


def landed(home: str) -> list[Page]:
    return [one.page for one in Lake(Path(home)).landing.pages()]


def requests(pages: list[Page]) -> Counter[str]:
    return Counter(
        name_on(page.headers[SERVER], Request(page.endpoint, page.path, page.params)) for page in pages
    )


def size(home: str) -> int:
    return sum(path.stat().st_size for path in Path(home).glob("raw/landing/*"))


def things(pages: list[Page]) -> set[tuple[str, str]]:
    """Everything that pages tell of, however it was put into batches."""
    keys = {"artists": "artist_id", "albums": "album_id", "tracks": "track_id", "audio_features": "track_id"}
    told = [(name, rows) for page in pages for name, rows in read_rows(page).tables.items()]
    return {(name, one) for name, rows in told if name in keys for one in rows[keys[name]]}


def killed_after(task: killed.Task, grown: int, seconds: float) -> bool:
    """Start a collection, kill it once the log has grown and some time passed; False when it ended before."""
    command = [sys.executable, "-m", "tests.journey.collect.killed", msgspec.json.encode(task).decode()]
    process = subprocess.Popen(command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    until = size(task.home) + grown
    while size(task.home) < until and process.poll() is None:
        time.sleep(0.001)
    time.sleep(seconds)
    process.kill()
    rest, _ = process.communicate(timeout=20)
    return not rest


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311  (no secret)
    world = open_catalogue(artists=300, seed=7, directory=None)
    with running(SandboxConfig(latency_s=0.03), world) as ready:
        task = killed.Task(
            home=str(tmp_path / "calm"),
            api_url=ready.api_url,
            accounts_url=ready.accounts_url,
            client_id=ready.client_id,
            client_secret=ready.client_secret,
            names=NAMES,
        )
        calm = killed.collect(task)
        kills = homes = recovered = 0
        while kills < KILLS:
            homes += 1
            rough = msgspec.structs.replace(task, home=str(tmp_path / f"rough-{homes}"))
            before = 0
            while kills < KILLS and killed_after(rough, chance.randint(0, 12_000), chance.random() / 30):
                kills += 1
                pages = landed(rough.home)
                recovered += len(pages) > before
                before = len(pages)
            again = killed.collect(rough)
            pages = landed(rough.home)
            assert again.exit_code == calm.exit_code == 0
            assert max(requests(pages).values()) == 1, "a request was sent again though its answer had landed"
            assert things(pages) == things(landed(task.home))
            assert not list(Path(rough.home).glob("control.db-runs/*"))
    assert recovered
