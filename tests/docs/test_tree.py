"""The check of the tree finds what it is for."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_tree.py"
Findings = Callable[[Path, bytes], Iterator[str]]


@pytest.fixture(scope="module")
def findings() -> Findings:
    found: Findings = runpy.run_path(str(SCRIPT))["findings"]
    return found


# Put together here, because the check reads this file too.
BAD = {
    "registry": "https://py" + "pi.org/simple",
    "npm": "https://registry" + ".npmjs.org/left-pad",
    "home": "/ho" + "me/ann/music",
    "root": "'/ro" + "ot/.cache'",
    "temporary": "/t" + "mp/there",
    "key": "-----BEGIN RSA PRIVATE" + " KEY-----",
    "token": "ghp" + "_" + "a" * 36,
    "conflict": "<" * 7 + " HEAD",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_it_finds_a_bad_line(findings: Findings, text: str) -> None:
    (found,) = findings(Path("a.md"), f"one\n{text}\n".encode())
    assert found.startswith("a.md:2: ")


@pytest.mark.parametrize("text", ["the network/leaf", "~/music", "https://example.org/home/", "temp folder"])
def test_it_leaves_good_lines_alone(findings: Findings, text: str) -> None:
    assert list(findings(Path("a.md"), text.encode())) == []


def test_it_finds_long_and_large_files(findings: Findings) -> None:
    assert "401 lines" in next(findings(Path("a.py"), b"\n" * 401))
    assert list(findings(Path("a.py"), b"\n" * 400)) == []
    assert "bytes" in next(findings(Path("a.bin"), b"\xff" * 500_001))
