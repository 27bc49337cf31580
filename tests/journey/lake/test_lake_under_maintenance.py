"""Four processes write, two read and one maintains, all at once: nothing is lost, twice or in the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.journey.lake.busy import ROUNDS, ROWS, SHARED
from tests.unit.lake.pages import read

from tunelake.lake.lake import Lake

_REPOSITORY = Path(__file__).resolve().parents[3]
WRITERS = 4


def _start(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.journey.lake.busy", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=_REPOSITORY, stdout=pipe, stderr=pipe, text=True)


def _end(process: subprocess.Popen[str]) -> str:
    said, wrong = process.communicate(timeout=120)
    assert process.returncode == 0, wrong
    return said


def test_writers_readers_and_maintenance_at_once(tmp_path: Path) -> None:
    home, stop = tmp_path / "home", tmp_path / "stop"
    lake = Lake(home, reader=read)
    others = [_start(task, str(home), str(stop)) for task in ("read", "read", "maintain")]
    try:
        writers = [_start("write", str(home), str(number)) for number in range(WRITERS)]
        for writer in writers:
            _end(writer)
    finally:
        stop.touch()
        said = [_end(process) for process in others]
    assert all(int(count) > 0 for count in said), said
    own = WRITERS * ROUNDS * ROWS
    assert lake.current("artists").num_rows == own + SHARED
    history = lake.history("artists")
    assert history.num_rows == own + SHARED * WRITERS * ROUNDS
    told = list(zip(history["artist_id"].to_pylist(), history["name"].to_pylist(), strict=True))
    assert len(set(told)) == len(told)
    # Nothing of the readers is left behind.
    assert list((lake.home.locks / "leases").iterdir()) == []
