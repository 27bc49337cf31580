"""How commands speak: results on stdout, one JSON document with --json, everything else on stderr."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import click
import msgspec

from tunelake.cli.live import live_words
from tunelake.errors import Fatal

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tunelake.observe.live import Live

EVERY_S = 60.0
NARROW = 12
"""Characters a column needs to be read: where there are fewer, rows are shown one below the other."""
_ENDLESS = 100_000
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tabs and line ends, and marks of direction."""

Progress = Callable[[str, int, int | None], None]
"""Called with a stage, how much is done, and how much there is (None when nobody knows)."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


def emit(document: object, *, as_json: bool, human: Callable[[], None]) -> None:
    """Print a result, as JSON for programs or through `human` for people."""
    with printing():
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
        else:
            human()


@contextmanager
def printing() -> Iterator[None]:
    """Print a result, all of it: a reader that went away (`| head`) has what it wanted.

    The exit code tells what the command did, so a closed pipe does not change it.

    Raises:
        Fatal: The result cannot be written where stdout goes, for example to a full disk.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
    except OSError as error:
        _drop_stdout()
        raise Fatal(f"the result cannot be written: {error.strerror}") from error


def _drop_stdout() -> None:
    """Let what is still buffered go nowhere, so that the interpreter does not stumble at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def say(text: str) -> None:
    """Tell a person something that is not the result (stderr)."""
    click.echo(text, err=True)


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Show progress on stderr while a stage runs: bars in a terminal, now and then a line elsewhere.

    What is yielded is shown how collecting goes, too, by whoever watches the job.
    """
    if sys.stderr.isatty():
        from tunelake.cli.rich_progress import bars

        with bars(title) as update:
            yield update
    else:
        yield Lines()


class Lines:
    """Progress in lines: one when a stage ends, and one a minute while it does not."""

    def __init__(self) -> None:
        self._finished: set[str] = set()
        self._far = ""
        self._last = monotonic()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """A stage goes on."""
        self._far = f"{stage}: {done:,}" + (f" of {total:,}" if total else "")
        if total is not None and done >= total and stage not in self._finished:
            self._finished.add(stage)
            say(f"{stage}: {done:,}")

    def show(self, live: Live) -> None:
        """Show how collecting goes, once a minute."""
        if monotonic() - self._last >= EVERY_S:
            self._last = monotonic()
            say(f"{self._far}; {live_words(live)}")


def plain(text: str) -> str:
    """Write out by code what would steer a terminal or turn text round; the rest stays."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def table(headers: list[str], rows: list[list[str]]) -> None:
    """Print a small table on stdout; plain text, aligned by display width.

    In a terminal long values go on in the next line. A file or a program gets each row in one line.
    """
    from rich import box
    from rich.table import Column, Table

    columns = [Column(header, overflow="fold") for header in headers]
    grid = Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for row in rows:
        grid.add_row(*map(plain, row))
    draw(grid, soft_wrap=True, width=None if sys.stdout.isatty() else _ENDLESS)


def records(headers: list[str], rows: list[list[str]]) -> None:
    """Print rows of many columns: as a table where that can be read, else value by value."""
    from rich.cells import cell_len
    from rich.console import Console

    screen = Console().width if sys.stdout.isatty() else _ENDLESS
    widest = [max(map(cell_len, column)) for column in zip(headers, *rows, strict=True)]
    if sum(widest) + 3 * len(headers) <= screen or len(headers) * NARROW <= screen:
        table(headers, rows)
        return
    name = max(map(cell_len, headers))
    for number, row in enumerate(rows, 1):
        click.echo(f"── row {number}")
        for header, value in zip(headers, row, strict=True):
            click.echo(f"{header}{' ' * (name - cell_len(header))}  {plain(value)}")


def plural(count: int, one: str) -> str:
    """Say how many: "1 row", "2 rows"."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def draw(what: RenderableType, *, soft_wrap: bool = False, width: int | None = None) -> None:
    """Print what rich draws; through click, because rich itself ends the program at a closed pipe."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=soft_wrap, width=width)
    with console.capture() as drawn:
        console.print(what)
    click.echo(drawn.get(), nl=False)
