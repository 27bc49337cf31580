"""Processes of the lake are killed at random points; nothing is lost, nothing comes twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from tests.journey.lake import worker
from tests.unit.lake.pages import read

from tunelake.lake.lake import Lake

_REPOSITORY = Path(__file__).resolve().parents[3]


def _start(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.journey.lake.worker", *words]
    return subprocess.Popen(command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True)


def _killed_after_lines(process: subprocess.Popen[str], lines: int, pause: float) -> list[str]:
    """Read lines, wait a moment, kill; return all it said."""
    assert process.stdout is not None
    said = [line.strip() for line, _ in zip(process.stdout, range(lines), strict=False)]
    time.sleep(pause)
    process.kill()
    rest, _ = process.communicate(timeout=20)
    return [*said, *rest.split()]


def test_appending_processes_are_killed(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311  (no secret)
    durable: list[int] = []
    for turn in range(4):
        home = str(tmp_path / "home")
        two = [_start("append", home, str(1000 * (2 * turn + n))) for n in range(2)]
        for process in two:
            durable += map(int, _killed_after_lines(process, 20, chance.random() / 50))
    lake = Lake(tmp_path / "home")
    found = [one.page for one in lake.landing.pages()]
    numbers = [int((page.fetched_at - worker.page(0).fetched_at).total_seconds()) for page in found]
    assert len(numbers) == len(set(numbers))
    # A page may be there though the process did not live to say so, but never the other way round.
    assert set(durable) <= set(numbers)
    assert all(page == worker.page(number) for page, number in zip(found, numbers, strict=True))
    assert lake.landing.damages == []


def test_a_landing_process_is_killed(tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311  (no secret)
    lake = Lake(tmp_path / "home", reader=read)
    count = 40
    for number in range(count):
        lake.landing.append(worker.page(number))
    for _ in range(8):
        process = _start("land", str(lake.home.root))
        _killed_after_lines(process, chance.randint(1, 5), chance.random() / 10)
    lake.land()
    assert lake.current("artists").num_rows == 3 * count + 1
    assert lake.history("artists").num_rows == 4 * count
    assert lake.history("artist_genres").num_rows == 3 * count
    assert lake.history("raw_pages").num_rows == count
    pages = lake.current("raw_pages").column("page_id").to_pylist()
    assert sorted(pages) == sorted(worker.page(number).page_id for number in range(count))
    assert not lake.land().pages
