"""Pages lead where they say, and the README stays short."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from tests.docs.markdown import PAGES, REPOSITORY, anchors, commands, links, name

README = REPOSITORY / "README.md"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in links(page.read_text(encoding="utf-8")):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            lost.append(link)
    assert lost == []


def test_the_readme_is_short_and_begins_with_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.count("\n") <= 120
    typed = [command.text.split("#")[0].strip() for command in commands("README.md", text)]
    assert "make demo" in typed
    assert "make test" in typed


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [README]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        waiting.extend(
            (page.parent / link.partition("#")[0]).resolve()
            for link in links(page.read_text(encoding="utf-8"))
            if not link.startswith(("http", "mailto:"))
        )
    assert sorted(name(page) for page in set(PAGES) - reached) == []


def test_commands_are_read_as_they_are_typed() -> None:
    text = (
        "```sh\n# a remark\nmake demo\na \\\n  b\ncat > f <<'E'\nx\nE\n```\n"
        "```json\n{}\n```\n```console\n$ c d\nout\n```\n"
    )
    assert [(found.line, found.text) for found in commands("p", text)] == [
        (3, "make demo"),
        (4, "a \\\n  b"),
        (6, "cat > f <<'E'\nx\nE"),
        (14, "c d"),
    ]


def test_links_and_anchors_are_read() -> None:
    text = "# A title: here\n[a](b.md#c) ![d](e.png)\n```\n[f](g)\n```\n"
    assert links(text) == ["b.md#c", "e.png"]
    assert anchors(text) == {"a-title-here"}


def test_every_extra_that_is_named_exists() -> None:
    sources = sorted((REPOSITORY / "src").rglob("*.py"))
    said = "\n".join(page.read_text(encoding="utf-8") for page in [*PAGES, REPOSITORY / "Makefile", *sources])
    lists = re.findall(r"tunelake\[([a-z,]+)\]|extra NAMES=([a-z,]+)|how_to_install\(\"(\w+)\"\)", said)
    named = {extra for found in lists for names in found for extra in names.split(",") if extra}
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"postgres", "aws", "notebook"} <= named <= set(project["optional-dependencies"])
