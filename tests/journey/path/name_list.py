"""Names as people keep them in a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.names import Line
from tests.conftest import REPOSITORY

from tunelake.sandbox.facts.read import read_facts
from tunelake.sandbox.ids import id_of


def as_file(lines: Sequence[Line]) -> bytes:
    """As an editor on Windows writes it: a byte order mark and CRLF."""
    return b"\xef\xbb\xbf" + "".join(f"{line.text}\r\n" for line in lines).encode()


def aliases() -> Iterator[Line]:
    """Every other name of a real artist."""
    for fact in read_facts():
        meant = (id_of("fact", "artist", fact.name),)
        yield from (Line("alias", alias, "found", meant) for alias in fact.aliases)


def documented() -> dict[str, list[str]]:
    """What the page says of each class: how many names; precision and recall, collected and asked for."""
    page = (REPOSITORY / "docs" / "names-and-fields.md").read_text(encoding="utf-8")
    rows = page.partition("| class | names |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("| ").split("|")] for row in rows]
    return {kind: figures for kind, *figures in cells}
