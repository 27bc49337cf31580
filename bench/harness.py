"""How things are measured: each run in a process of its own, contestants in turn, the median of the rounds.

CPU means user and system time of the process, its threads and its children, after imports and preparation.
Ratios to a reference of the same run hold from machine to machine; seconds do not.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROUNDS = 5
RESULTS = Path(__file__).resolve().parent / "results"


@dataclass
class Cost:
    """CPU seconds and wall seconds of a stretch of work."""

    cpu: float = 0.0
    wall: float = 0.0


@contextmanager
def counted() -> Iterator[Cost]:
    """Count what a stretch of work costs this process."""
    cost = Cost()
    cpu, wall = _cpu(), time.perf_counter()
    yield cost
    cost.cpu, cost.wall = _cpu() - cpu, time.perf_counter() - wall


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def tell(cost: Cost, units: int, **more: float) -> None:
    """Hand the cost of one run to the process that started it (the last line on stdout)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": cost.cpu / units, "wall": cost.wall / units, "peak_mb": peak} | more))


def contest(
    module: str, contestants: Sequence[str], *, rounds: int = ROUNDS, arguments: Sequence[str] = ()
) -> dict[str, dict[str, float]]:
    """Let contestants run in turn, round by round; give the median of each of their figures."""
    heard: dict[str, list[dict[str, float]]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name in contestants:
            print(f"  round {number + 1} of {rounds}: {name}", file=sys.stderr)
            heard[name].append(_one(module, name, *arguments))
    return {name: _medians(figures) for name, figures in heard.items()}


def _one(module: str, *words: str) -> dict[str, float]:
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _medians(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: statistics.median(figure[key] for figure in figures) for key in figures[0]}


def child_cpu(command: Sequence[str]) -> tuple[float, float]:
    """Run a command to its end; give its CPU seconds and its peak memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def write(
    name: str, title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
) -> None:
    """Write a small table to bench/results and show it."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    lines = [
        f"# {title}",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}; contestants in turn, medians.",
        "",
        "| " + " | ".join(headers) + " |",
        "|---|" + "---:|" * (len(headers) - 1),
        *("| " + " | ".join(row) + " |" for row in rows),
        *(["", note] if note else []),
        "",
    ]
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def play(contestants: Mapping[str, Callable[..., None]], compare: Callable[[], None]) -> None:
    """Be a contestant when one is named on the command line, else compare them all."""
    if len(sys.argv) > 1:
        contestants[sys.argv[1]](*sys.argv[2:])
    else:
        compare()
