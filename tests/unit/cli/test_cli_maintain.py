"""`tunelake maintain`: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.lake.pages import make, read

from tunelake.cli.maintain import maintain
from tunelake.lake.lake import Lake


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "home"
    monkeypatch.setenv("TUNELAKE_HOME", str(root))
    lake = Lake(root, reader=read)
    for turn in range(3):
        lake.landing.append(make(turn, {"artists": [{"artist_id": "a", "name": f"Name {turn}"}]}))
        lake.land()
    return root


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(maintain, [*words], standalone_mode=False)
    assert done.exception is None, done.exception
    return int(done.return_value), done.output


@pytest.mark.usefixtures("home")
def test_it_tells_what_is_due_then_does_it() -> None:
    code, said = _run("--check", "--json")
    told = json.loads(said)
    assert (code, told["due"]) == (1, ["artists", "raw_pages"])
    code, said = _run("--keep-days", "0")
    assert code == 0
    assert "3 > 1" in said
    code, said = _run("--check")
    assert code == 0
