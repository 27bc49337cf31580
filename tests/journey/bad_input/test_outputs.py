"""One JSON document on stdout, whatever happens; readers that go away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.journey.bad_input.homes import Tell

from tunelake import __version__

ERROR = {"message", "exit_code"}


@pytest.fixture
def filled(tell: Tell, tmp_path: Path) -> Path:
    """A file to upload; the home has an artist and is built."""
    mine = tmp_path / "mine.csv"
    mine.write_text("artist_name,artist_popularity\nMe,5\nYou,many\n")
    assert tell("collect", "artists", "--name", "Adele").code == 0
    assert tell("build").code == 0
    return mine


def test_every_command_prints_one_json_document(tell: Tell, filled: Path) -> None:
    expected: dict[tuple[str, ...], set[str]] = {
        ("collect", "artists", "--name", "TWICE"): {"asked", "stored", "wants", "calls", "gaps", "landed"},
        ("collect", "playlists", "--id", "0" * 22): {"asked", "stored", "gaps"},
        ("upload", str(filled), "--as", "artists"): {"rows_read", "rows_taken", "rejected", "landed"},
        ("build",): {"landed", "marts", "similar", "published", "seconds"},
        ("ask", "Adele"): {"kind", "text", "document"},
        ("ask", "Nobody Anywhere Xyzzy"): {"kind", "text"},
        ("ledger",): {"states", "wants"},
        ("doctor",): {"findings"},
    }
    for words, keys in expected.items():
        said = tell(*words, "--json")
        assert said.code in {0, 1}, (words, said.err)
        assert keys <= set(said.document), words
    for words in (("sql", "select name from artists"), ("sandbox", "truth", "--artists", "3")):
        document: list[dict[str, Any]] = tell(*words, "--json").document
        assert len(document) >= 2
        assert all(isinstance(row, dict) for row in document)
    assert tell("sql", "select 1 where false", "--json").document == []


@pytest.mark.parametrize(
    "words",
    [
        ("collect", "artists"),
        ("collect", "artists", "--names", "none.txt"),
        ("collect", "artists", "--name", "x", "--with", "everything"),
        ("collect", "artists", "--name", "x", "--market", "Korea"),
        ("collect", "playlists"),
        ("upload", "none.csv", "--as", "artists"),
        ("upload", "none.csv", "--as", "nothing"),
        ("build", "--nope"),
        ("ask",),
        ("sql", "select * from nowhere"),
        ("sql", "drop table artists"),
        ("sql", "select * from read_csv('/etc/hostname')"),
        ("sql", ""),
        ("ledger", "extra"),
        ("demo", "--names", "none.txt", "--no-serve"),
        ("demo", "--artists", "many"),
        ("sandbox", "truth", "--artists", "many"),
        ("no-such-command",),
        (),
    ],
)
def test_an_error_is_one_json_document_too(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = tell(*words, "--json")
    assert said.code == 2
    assert set(said.document["error"]) == ERROR
    assert said.document["error"]["exit_code"] == 2
    assert said.err.startswith("tunelake: ")
    assert "Traceback" not in said.err


def test_columns_of_one_name_are_all_told(tell: Tell) -> None:
    query = "select 1 name, 2 name, 3 name_1"
    assert tell("sql", query, "--json").document == [{"name": 1, "name_2": 2, "name_1": 3}]
    assert tell("sql", query, "--format", "csv").out.splitlines() == ["name,name_2,name_1", "1,2,3"]
    assert tell("sql", query).out.split()[:3] == ["name", "name_2", "name_1"]


def test_a_demo_prints_one_json_document(start: Tell, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Adele\nNobody Anywhere Xyzzy\n")
    said = start("demo", "--no-serve", "--json", "--artists", "5", "--names", str(names))
    assert said.code == 0, said.err
    told = said.document
    assert (told["asked"], told["stored"], told["not_found"]) == (2, 1, 1)
    assert {"ambiguous", "calls", "rows", "seconds", "answers"} <= set(told)
    assert len(told["answers"]) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("sql", "select * from range(500000)", "--format", "csv"),
        ("sql", "select * from range(500000)", "--json"),
        ("sql", "select repeat('x', 2000) from range(200)"),
        ("sql", "select * from range(500000)", "--format", "parquet"),
        ("sandbox", "truth", "--artists", "5000"),
        ("sandbox", "truth", "--artists", "5000", "--json"),
        ("ledger",),
    ],
)
def test_a_reader_that_goes_away_is_no_error(home: Path, words: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tunelake", *words],
        env=os.environ | {"TUNELAKE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    told = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 0
    assert told in {"", "200 of 500,000 rows; the rest with --format csv, json or parquet\n"}


def test_the_module_is_the_command(start: Tell) -> None:
    assert start("--version").out == f"tunelake, version {__version__}\n"
    assert start("--help").out.startswith("Usage: ")
