"""Names and questions that are none, or that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.journey.bad_input.homes import Tell, names_of

LONG = "Q" * 5000
HARMLESS = [
    '"',
    "'; drop table artists; --",
    "' or 1=1 --",
    "$(reboot) `id` %s {0} \\",
    "😀🎉",
    "؟؟؟",
    "../../etc/passwd",
    "null",
    "[red]BTS[/red]",
]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no names: write one name a line"),
        (b"\n \r\n\t\n", "holds no names"),
        (b"\xef\xbb\xbf", "holds no names"),
        ("Adele\nBjörk\n".encode("latin-1"), "line 2: not UTF-8; save the file as UTF-8"),
        ("BTS\nBjörk\n".encode("utf-16"), "UTF-8; save the file as UTF-8"),
        ("BTS\nAdele\n".encode("utf-16-le"), "not text in UTF-8; save the file as UTF-8"),
        (bytes(range(256)), "UTF-8"),
    ],
    ids=["empty", "blank", "only a BOM", "Latin-1", "UTF-16", "UTF-16 without a BOM", "binary"],
)
def test_a_file_that_holds_no_names_is_refused_before_anything_is_made(
    tell: Tell, home: Path, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes(content)
    said = tell("collect", "artists", "--names", str(file))
    assert said.code == 2
    assert str(file) in said.err
    assert told in said.err
    assert not home.exists()


@pytest.mark.parametrize(
    ("name", "told"), [(".", "Is a directory"), ("none.txt", "No such file"), ("x" * 5000, "too long")]
)
def test_a_file_that_cannot_be_read_is_named(tell: Tell, home: Path, name: str, told: str) -> None:
    said = tell("collect", "artists", "--names", name)
    assert said.code == 2
    assert f"cannot read {name}: " in said.err
    assert told in said.err
    assert not home.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("artists",),
        ("artists", "--name", ""),
        ("artists", "--name", "  "),
        ("artists", "--id", ""),
        ("playlists", "--id", ""),
    ],
)
def test_nothing_to_collect_is_said(tell: Tell, home: Path, words: tuple[str, ...]) -> None:
    said = tell("collect", *words)
    assert said.code == 2
    assert "nothing to collect: give" in said.err
    assert not home.exists()


def test_unknown_names_and_ids_are_final_with_a_reason_and_lose_nobody_else(tell: Tell, home: Path) -> None:
    unknown = ["Nobody Anywhere Xyzzy", "\x07\u200b", LONG]
    asked = [word for name in (*unknown, "Adele") for word in ("--name", name)]
    said = tell("collect", "artists", *asked, "--id", "not-an-id", "--id", "0" * 22, "--json")
    assert said.code == 0, said.err
    # A name of 5,000 characters is told by its beginning.
    wants = {want["asked"].rstrip("Q…") or LONG: want for want in said.document["wants"]}
    assert len(wants) == 6
    assert wants["Adele"]["state"] == "fetched"
    for name in (*unknown, "not-an-id", "0" * 22):
        assert wants[name]["state"] == "not_found", name
        assert wants[name]["reason"]
    assert "Adele" in names_of(home)


@pytest.mark.parametrize("question", [*HARMLESS, "BTS " * 1250, "\x01\x02 \x1b]0;owned\x07 zzz \x7f"])
def test_any_question_gets_one_answer_and_changes_no_table(tell: Tell, home: Path, question: str) -> None:
    said = tell("ask", question, "--json")
    assert said.code == 0, said.err
    assert said.document["kind"] in {"not_found", "help", "card", "ambiguous"}
    spoken = tell("ask", question)
    assert not {c for c in spoken.out if ord(c) < 32 or ord(c) == 127} - {"\n"}, "control characters"
    assert "Traceback" not in spoken.err
    assert tell("sql", "select count(*) n from artists", "--json").code == 0
    assert home.is_dir()


def test_bytes_that_are_no_text_in_a_question_are_answered(start: Tell) -> None:
    said = start("ask", b"\xff\xfe Adele".decode(errors="surrogateescape"), "--offline", "--json")
    assert said.code == 0, said.err
    assert said.document["kind"] == "not_found"


def test_no_question_asks_for_one(tell: Tell) -> None:
    assert tell("ask").code == 2
    said = tell("ask", "", "--offline")
    assert (said.code, "Type the name of an artist" in said.out) == (0, True)
