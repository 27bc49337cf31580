"""How commands speak: results on stdout, one JSON document with --json, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import msgspec

Progress = Callable[[str, int, int | None], None]
"""Called with a stage, how much is done, and how much there is (None when nobody knows)."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


def emit(document: object, *, as_json: bool, human: Callable[[], None]) -> None:
    """Print a result, as JSON for programs or through `human` for people."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
    else:
        human()


def say(text: str) -> None:
    """Tell a person something that is not the result (stderr)."""
    click.echo(text, err=True)


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Show progress on stderr while a stage runs: bars in a terminal, a line a stage elsewhere."""
    if sys.stderr.isatty():
        with _bars(title) as update:
            yield update
    else:
        yield _lines()


def _lines() -> Progress:
    finished: set[str] = set()

    def update(stage: str, done: int, total: int | None) -> None:
        if total is not None and done >= total and stage not in finished:
            finished.add(stage)
            say(f"{stage}: {done:,}")

    return update


@contextmanager
def _bars(title: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=False) as bars:
        tasks: dict[str, Any] = {}

        def update(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(f"{title}: {stage}" if title else stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield update


def table(headers: list[str], rows: list[list[str]]) -> None:
    """Print a small table on stdout; plain text, aligned by display width."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(*headers, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for row in rows:
        grid.add_row(*row)
    Console(soft_wrap=True, highlight=False, markup=False).print(grid)
