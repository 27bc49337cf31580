"""What `make real` says when it cannot say yes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts import real
from tests.conftest import REPOSITORY


def test_an_absent_folder_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.real", str(tmp_path / "absent"), "--home", str(tmp_path / "h")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "spotify_songs.csv.gz" in done.stderr
    assert "make real ARGS=FOLDER" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "h").exists()


def test_a_count_that_differs_is_a_difference() -> None:
    counts = {
        "catalogue": {"artists": 3, "tracks": 5},
        "lake": {"artists": 3, "tracks": 5},
        "marts": {"artists": 2},
        "stores": {"artists": 3, "documents": 4},
    }
    assert real.compare(counts) == [
        "marts: 2 artists where the catalogue has 3",
        "stores: 4 documents where the catalogue has 3",
    ]
