"""Files of a person's own that cannot be taken: nothing of them is, and the message says why."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.journey.bad_input.homes import Tell, pages, rows

WHOLE = "artist_id,artist_name\n" + "".join(f"{number * 7919:08x},name {number}\n" for number in range(5000))
TRUNCATED = gzip.compress(WHOLE.encode(), mtime=0)[:-2000]
PAGE = b"<!DOCTYPE html><html><body><h1>Not found</h1></body></html>"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("cut.csv.gz", TRUNCATED, "is a damaged or incomplete gzip file"),
        ("cut.json", b'[{"artist_name": "A"}, {"artist_na', "is broken JSON"),
        ("page.json", PAGE, "needs artist_id or artist_name"),
        ("page.csv", PAGE, "needs artist_id or artist_name"),
        ("empty.csv", b"", "is empty"),
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("head.csv", b"artist_name\n", "has columns but no rows"),
        ("wrong.csv", b"colour,taste\nred,sour\n", "Columns found: colour, taste"),
        ("latin.csv", "artist_name\nBjörk\n".encode("latin-1"), "is not UTF-8 text"),
        ("noise.parquet", bytes(range(256)) * 20, "CSV, JSON, JSON lines and Parquet can be uploaded"),
        ("cut.parquet", b"PAR1" + bytes(200), "cut.parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    tell: Tell, home: Path, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("artist_name\nMe\n")
    assert tell("upload", str(mine), "--as", "artists").code == 0
    before, kept = rows(home), pages(home)
    file = tmp_path / name
    file.write_bytes(content)
    said = tell("upload", str(file), "--as", "artists", "--json")
    assert said.code == 2
    assert told in said.document["error"]["message"]
    assert "Traceback" not in said.err
    assert (rows(home), pages(home)) == (before, kept)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((".", "--as", "artists"), "is a folder; name one file"),
        (("none.csv", "--as", "artists"), "there is no file none.csv"),
        (("mine.csv", "--as", "nothing"), "no kind of upload is called 'nothing'. Kinds"),
        (("mine.csv",), "is no export of a listening history: say --as"),
        (("mine.csv", "--as", "artists", "--map", "nope=artist_name"), "the file has no column 'nope'"),
        (("mine.csv", "--as", "artists", "--map", "artist_name=nope"), "'nope' is no field of artists"),
        (("mine.csv", "--as", "artists", "--map", "artist_name"), "is not THEIRS=OURS"),
    ],
)
def test_a_mistake_in_the_command_takes_nothing(
    tell: Tell, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text("artist_name\nMe\n")
    said = tell("upload", *words)
    assert said.code == 2
    assert told in said.err
    assert not home.exists() or pages(home) == 0


def test_bad_rows_are_listed_and_the_others_taken(tell: Tell, tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    file.write_text("artist_name,artist_popularity\nMe,many\nYou,5\n,7\n")
    said = tell("upload", str(file), "--as", "artists", "--json")
    assert said.code == 1
    report = said.document
    assert report["rows_read"] == report["rows_taken"] + report["rows_rejected"] == 3
    assert {row["row"] for row in report["rejected"]} == {1, 3}
    assert all(row["reason"] for row in report["rejected"])
    assert tell("sql", "select name from artists", "--json").document == [{"name": "You"}]
    assert "row 1: artist_popularity 'many'" in tell("upload", str(file), "--as", "artists").out
