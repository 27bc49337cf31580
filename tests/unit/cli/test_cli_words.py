"""Words on the command line to what they mean, without a home or a server."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from tunelake.cli.collect import read_names
from tunelake.cli.main import COMMANDS, main
from tunelake.cli.sql import distinct
from tunelake.errors import ConfigError


class Stdin:
    """A stdin of bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"BTS\nIU\n", ["BTS", "IU"]),
        (b"\xef\xbb\xbfBTS\r\nIU", ["BTS", "IU"]),
        (b"BTS\rIU\r", ["BTS", "IU"]),
        (b"\n  \nThe The\n\n", ["The The"]),
        ("米津玄師\n방탄소년단".encode(), ["米津玄師", "방탄소년단"]),
        ("one\u2028line\x0bonly".encode(), ["one\u2028line\x0bonly"]),
    ],
)
def test_names_are_lines_of_any_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, names: list[str]
) -> None:
    file = tmp_path / "names"
    file.write_bytes(data)
    assert read_names(str(file)) == names
    monkeypatch.setattr(sys, "stdin", Stdin(data))
    assert read_names("-") == names


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "holds no names"),
        (b"a\nb\nBj\xf6rk", "line 3: not UTF-8"),
        (b"\xff\xfea\0", "line 1: not UTF-8"),
        (b"a\0\n\0", "not text in UTF-8"),
    ],
)
def test_what_is_no_list_of_names_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    file = tmp_path / "names"
    file.write_bytes(data)
    with pytest.raises(ConfigError, match=told):
        read_names(str(file))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], []),
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a_1", "a_2"]),
        (["a", "a", "a_1", "a"], ["a", "a_2", "a_1", "a_3"]),
        (["a_1", "a", "a"], ["a_1", "a", "a_2"]),
    ],
)
def test_columns_of_one_name_are_told_apart(names: list[str], told: list[str]) -> None:
    assert distinct(names) == told


@pytest.mark.parametrize("name", [*COMMANDS, "collect artists", "collect playlists", "sandbox serve"])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    assert ended.value.code == 0
    out, err = capsys.readouterr()
    assert f" {name} " in out.splitlines()[0]
    assert err == ""


def test_the_first_help_lists_every_command_and_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert all(f"{code} " in out for code in ("0", "1", "2", "3", "4", "130"))


@pytest.mark.parametrize(("typed", "meant"), [("colect", "collect"), ("serv", "serve"), ("sqll", "sql")])
def test_the_nearest_command_is_suggested(capsys: pytest.CaptureFixture[str], typed: str, meant: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([typed])
    assert ended.value.code == 2
    assert f"Did you mean '{meant}'?" in capsys.readouterr().err


def test_no_command_waits_for_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.setenv("TUNELAKE_HOME", str(tmp_path / "home"))
    asked = (
        "import sys, tunelake.cli.main as m\n"
        "try: m.main(['sql', 'select count(*) from artists'])\n"
        "finally: print(sorted({'duckdb', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['duckdb', 'pyarrow']"
