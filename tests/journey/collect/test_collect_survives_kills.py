"""A collecting process is killed at random points: nothing is lost, nothing comes or is asked twice."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
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
KILLS = int(os.environ.get("TUNELAKE_TEST_KILLS", "40"))


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


def killed_after(killable: killed.Killable, task: killed.Task, grown: int, seconds: float) -> bool:
    """Start a collection, kill it once the log has grown and some time passed; False when it ended before."""
    until = size(task.home) + grown
    pid = killable.start(task)
    with suppress(ProcessLookupError):
        process = os.pidfd_open(pid)
        try:
            while size(task.home) < until and not select.select([process], [], [], 0.001)[0]:
                pass
            time.sleep(seconds)
            signal.pidfd_send_signal(process, signal.SIGKILL)
        finally:
            os.close(process)
    return killable.status() < 0


@pytest.fixture
def killable() -> Iterator[killed.Killable]:
    one = killed.Killable(_REPOSITORY)
    yield one
    one.close()


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path, killable: killed.Killable) -> None:
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
            while kills < KILLS and killed_after(
                killable, rough, chance.randint(0, 12_000), chance.random() / 30
            ):
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
