"""Homes that cannot be one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.journey.bad_input.conftest import MakeDisk
from tests.journey.bad_input.homes import Tell, names_of, rows

COLLECT = ("collect", "artists", "--name", "Adele")
COMMANDS = [COLLECT, ("build",), ("ask", "Adele"), ("sql", "select 1"), ("ledger",)]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("words", COMMANDS)
def test_a_folder_of_other_data_is_refused_untouched(
    tell: Tell, tmp_path: Path, words: tuple[str, ...]
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "thesis.tex").write_text("years of work")
    before = tree(theirs)
    said = tell(*words, TUNELAKE_HOME=str(theirs))
    assert said.code == 2
    assert "is not empty and no home of Tunelake (it holds 'thesis.tex')" in said.err
    assert "set TUNELAKE_HOME to a new or empty folder" in said.err
    assert tree(theirs) == before


@pytest.mark.parametrize("words", COMMANDS)
def test_a_place_that_cannot_be_a_folder_is_refused(tell: Tell, words: tuple[str, ...]) -> None:
    said = tell(*words, TUNELAKE_HOME="/dev/null/x")
    assert said.code == 2
    assert "/dev/null/x" in said.err
    assert "TUNELAKE_HOME" in said.err


def test_a_file_is_no_home(tell: Tell, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for place in (file, file / "sub"):
        said = tell(*COLLECT, "--json", TUNELAKE_HOME=str(place))
        assert said.code == 2
        assert "TUNELAKE_HOME" in said.document["error"]["message"]
    assert file.read_text() == "mine"


def test_a_disk_that_cannot_be_written_is_told(tell: Tell, make_disk: MakeDisk) -> None:
    disk = make_disk("size=1m", "ro")
    for place in (disk, disk / "home"):
        said = tell(*COLLECT, TUNELAKE_HOME=str(place))
        assert said.code == 2
        assert f"cannot write to {place}: Read-only file system" in said.err
        assert "TUNELAKE_HOME" in said.err
    assert not list(disk.iterdir())


@pytest.mark.parametrize("words", COMMANDS)
def test_a_home_of_a_newer_format_is_left_alone(tell: Tell, home: Path, words: tuple[str, ...]) -> None:
    home.mkdir()
    (home / "home.json").write_text('{"format": 99, "kind": "data"}')
    before = tree(home)
    said = tell(*words)
    assert said.code == 2
    assert f"{home} has format 99, this version knows 1: upgrade Tunelake" in said.err
    assert tree(home) == before


def test_a_demo_home_takes_no_real_data(tell: Tell, home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (home / "home.json").write_text('{"format": 1, "kind": "demo"}')
    mine = tmp_path / "mine.csv"
    mine.write_text("artist_name\nMe\n")
    for words in (COLLECT, ("upload", str(mine), "--as", "artists")):
        said = tell(*words)
        assert said.code == 2
        assert "holds a demo's made-up data" in said.err
    assert [path.name for path in home.iterdir()] == ["home.json"]


def test_a_damaged_ledger_is_told_and_costs_no_table(tell: Tell, home: Path) -> None:
    assert tell(*COLLECT).code == 0
    before = rows(home)
    for path in (home / name for name in ("control.db-wal", "control.db-shm")):
        path.unlink(missing_ok=True)
    (home / "control.db").write_bytes(b"no database at all " * 500)
    for words in (COLLECT, ("ledger",)):
        said = tell(*words, "--json")
        assert said.code == 2
        assert "control.db cannot be used (file is not a database)" in said.err
        assert "if it is damaged, move it away" in said.document["error"]["message"]
    assert names_of(home) >= {"Adele"}
    assert rows(home) == before

    (home / "control.db").rename(home.parent / "moved-away.db")
    again = tell(*COLLECT, "--json")
    assert again.code == 0
    assert again.document["stored"] == 1
    assert rows(home) == before


def test_a_table_is_read_from_python(tell: Tell, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tunelake
    from tunelake.errors import ConfigError

    assert tell(*COLLECT).code == 0
    monkeypatch.setenv("TUNELAKE_HOME", str(home))
    assert "Adele" in tunelake.open().table("artists")["name"].to_pylist()
    with pytest.raises(ConfigError, match="there is no table 'nope'"):
        tunelake.open().table("nope")
    with pytest.raises(ConfigError, match="TUNELAKE_HOME"):
        tunelake.open("/dev/null/x")
