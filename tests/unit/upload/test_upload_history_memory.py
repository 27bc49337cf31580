"""The memory of an upload does not grow with the export."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.upload.exports import extended, write_zip

pytestmark = pytest.mark.slow

SCRIPT = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from tunelake.lake.upload.history.run import upload_history

class Nowhere:
    def append(self, page): pass

report = upload_history(Path(sys.argv[1]), landing=Nowhere(), at=datetime.now(UTC))
print(report.rows_taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak_mb(tmp_path: Path, plays: int) -> int:
    path = tmp_path / f"{plays}.zip"
    write_zip(path, extended(plays))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True, timeout=300
    )
    taken, peak = map(int, done.stdout.split())
    assert taken == plays
    return peak


def test_ten_times_the_plays_need_the_same_memory(tmp_path: Path) -> None:
    assert peak_mb(tmp_path, 100_000) - peak_mb(tmp_path, 10_000) < 10
