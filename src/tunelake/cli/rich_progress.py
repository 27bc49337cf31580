"""Progress in a terminal: a bar a stage, and below them how collecting goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from tunelake.cli.live import live_words
from tunelake.observe.live import Live

_COLUMNS = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


class Bars(Progress):
    """Bars, with a line below them."""

    def __init__(self, title: str, console: Console) -> None:
        self._title = title
        self._says = ""
        self._stages: dict[str, TaskID] = {}
        super().__init__(*_COLUMNS, console=console, transient=False)

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bars and the line."""
        yield from super().get_renderables()
        if self._says:
            yield Text(self._says, style="dim")

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """A stage goes on."""
        if stage not in self._stages:
            words = f"{self._title}: {stage}" if self._title else stage
            self._stages[stage] = self.add_task(words, total=total)
        self.update(self._stages[stage], completed=done, total=total)

    def show(self, live: Live) -> None:
        """Show how collecting goes."""
        self._says = live_words(live)


@contextmanager
def bars(title: str) -> Iterator[Bars]:
    """Show bars on stderr while the block runs."""
    with Bars(title, Console(stderr=True)) as shown:
        yield shown
