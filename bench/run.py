"""Run all benchmarks, or those named: `make bench ARGS='landing decode'`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = (
    "help_cpu", "decode", "landing", "incremental", "demo", "budget", "names", "calls", "frontier", "serving",
    "marts", "erasure", "sockets", "played",
)  # fmt: skip


def main() -> int:
    wanted = sys.argv[1:] or NAMES
    unknown = sorted(set(wanted) - set(NAMES))
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"{name} ...", file=sys.stderr)
        code = subprocess.run(
            [sys.executable, "-m", f"bench.{name}"], cwd=Path(__file__).resolve().parents[1], check=False
        ).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
