"""CPU of `tunelake --help` against an interpreter that does nothing."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from bench.harness import child_cpu, write

ROUNDS = 15
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "tunelake --help": [str(Path(sys.executable).parent / "tunelake"), "--help"],
}


def main() -> None:
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            figures[name].append(child_cpu(command))
    rows = [
        [name, f"{1000 * statistics.median(cpu):.0f} ms", f"{statistics.median(peak):.0f} MB"]
        for name, found in figures.items()
        for cpu, peak in [tuple(zip(*found, strict=True))]
    ]
    write(
        "help_cpu", "The command line starts", ["command", "CPU", "peak memory"], rows, "Goal: under 200 ms."
    )


if __name__ == "__main__":
    main()
