"""The demo: seconds a stage, peak memory, megabytes installed."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.harness import write

ROUNDS = 3
ENVIRONMENT = Path(sys.executable).parent.parent


def once() -> tuple[dict[str, Any], float]:
    """Run the demo in a folder of its own; give what it told and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as told:
        environ = {name: text for name, text in os.environ.items() if not name.startswith("TUNELAKE_")}
        command = [str(ENVIRONMENT / "bin" / "tunelake"), "demo", "--no-serve", "--json"]
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=told, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in {0, 1}:
            raise SystemExit(f"the demo ended with {process.returncode}")
        told.seek(0)
        return json.load(told), usage.ru_maxrss / 1024


def main() -> None:
    runs = [once() for _ in range(ROUNDS)]
    stages = runs[0][0]["seconds"]
    rows = [
        [stage, f"{statistics.median(told['seconds'][stage] for told, _ in runs):.1f} s"] for stage in stages
    ]
    rows.append(["peak memory", f"{statistics.median(peak for _, peak in runs):.0f} MB"])
    rows.append(["calls", f"{runs[0][0]['calls']:,}"])
    rows.append(["rows", f"{sum(runs[0][0]['rows'].values()):,}"])
    used = subprocess.run(
        ["du", "-sm", ENVIRONMENT], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    note = f"This environment holds {used} MB (the tools of developers included, where installed)."
    write("demo", "The demo, from names to answers", ["", "median"], rows, note)


if __name__ == "__main__":
    main()
