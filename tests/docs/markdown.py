"""What the documentation holds: its pages, links, anchors and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^\s*```\s*(\w*)")
HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)")


@dataclass(frozen=True)
class Command:
    """One command of a page, as a reader would type it."""

    page: str
    line: int
    text: str


def name(page: Path) -> str:
    """Name a page for people."""
    return page.relative_to(REPOSITORY).as_posix()


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.DOTALL | re.MULTILINE)


def links(text: str) -> list[str]:
    """Name the targets of a page's links and pictures."""
    return [first or second for first, second in LINK.findall(prose(text))]


def anchors(text: str) -> set[str]:
    """Name the anchors of a page's headings."""
    headings = re.findall(r"^#+\s+(.*?)\s*$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: str, text: str) -> Iterator[Command]:
    """Read the commands: all lines of `sh` blocks, the lines after `$ ` of `console` blocks."""
    kind = ""
    waiting: list[str] = []
    end = ""
    first = 0
    for number, raw in enumerate(text.splitlines(), 1):
        fence = FENCE.match(raw)
        if fence:
            kind = "" if kind else fence.group(1) or "text"
            continue
        if kind not in {"sh", "console"}:
            continue
        line = raw.rstrip()
        if not waiting:
            if kind == "console":
                if not line.startswith("$ "):
                    continue
                line = line.removeprefix("$ ")
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            first = number
            opened = HEREDOC.search(line)
            end = opened.group(1) if opened else ""
        waiting.append(line.removeprefix("> ") if kind == "console" else line)
        goes_on = line.strip() != end if end else line.endswith("\\")
        if not goes_on:
            yield Command(page, first, "\n".join(waiting))
            waiting, end = [], ""
