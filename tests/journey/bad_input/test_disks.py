"""Disks that are full: what was kept is whole, and the same command goes on when there is space."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from tests.journey.bad_input.conftest import MakeDisk
from tests.journey.bad_input.homes import ALL, MANY, Said, Tell, pages, rows

ROWS = 4000


def resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True, timeout=20)


@pytest.fixture
def tracks(tmp_path: Path) -> Path:
    file = tmp_path / "tracks.csv"
    lines = (f"{number:022d},song {os.urandom(20).hex()},{number % 100}" for number in range(ROWS))
    file.write_text("track_id,track_name,track_popularity\n" + "\n".join(lines))
    return file


def limited(home: Path, most: int, *words: str) -> Said:
    """Run the command where no file may grow longer than `most` bytes."""
    ended = subprocess.run(
        [sys.executable, "-m", "tunelake", *words],
        env=os.environ | {"TUNELAKE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    return Said(ended.returncode, ended.stdout, ended.stderr)


def test_an_upload_whose_rows_do_not_fit_beside_takes_nothing_and_goes_in_later(
    tell: Tell, home: Path, tracks: Path
) -> None:
    upload = ("upload", str(tracks), "--as", "tracks", "--json")
    said = limited(home, 30_000, *upload)
    assert said.code == 4
    assert "do not fit on the disk for temporary files" in said.err
    assert "run again" in said.document["error"]["message"]
    assert "Traceback" not in said.err
    assert pages(home) == 0
    assert tell("sql", "select count(*) n from tracks", "--json").document == [{"n": 0}]

    again = tell(*upload)
    assert again.code == 0, again.err
    assert again.document["rows_taken"] == ROWS
    assert tell("sql", "select count(*) n from tracks", "--json").document == [{"n": ROWS}]


def test_an_upload_that_does_not_fit_takes_nothing_and_goes_in_later(
    start: Tell, make_disk: MakeDisk, tracks: Path
) -> None:
    disk = make_disk("size=80k")
    small = {"TUNELAKE_HOME": str(disk / "home")}
    upload = ("upload", str(tracks), "--as", "tracks", "--json")
    said = start(*upload, **small)
    assert said.code == 4, said.out
    assert "No space left" in said.err
    assert "run" in said.document["error"]["message"]
    assert pages(disk / "home") == 0
    resize(disk, "100m")
    assert start(*upload, **small).document["rows_taken"] == ROWS
    count = start("sql", "select count(*) n from tracks", "--json", **small)
    assert count.document == [{"n": ROWS}]


def test_a_collection_that_fills_the_disk_goes_on_when_there_is_space(
    start: Tell, home: Path, make_disk: MakeDisk
) -> None:
    disk = make_disk("size=200k")
    small = disk / "home"
    asked = [word for name in MANY for word in ("--name", name)]
    collect = ("collect", "artists", *asked, "--with", ALL, "--json")
    said = start(*collect, TUNELAKE_HOME=str(small))
    assert said.code == 4
    assert "full" in said.err or "no space left" in said.err.lower()
    assert said.document["error"]["exit_code"] == said.code
    kept = pages(small)

    resize(disk, "100m")
    again = start(*collect, TUNELAKE_HOME=str(small))
    assert again.code == 0, again.err
    assert pages(small) > kept
    assert start(*collect, TUNELAKE_HOME=str(home)).code == 0
    assert rows(small) == rows(home)
    assert any(rows(home).values())


def test_tables_that_fill_the_disk_are_made_good_from_what_was_kept(
    start: Tell, make_disk: MakeDisk, tracks: Path
) -> None:
    # Room for the kept file (about 110 KB), but not for its table (180 KB).
    disk = make_disk("size=220k")
    small = {"TUNELAKE_HOME": str(disk / "home")}
    said = start("upload", str(tracks), "--as", "tracks", **small)
    assert said.code == 4, said.out
    assert "No space left" in said.err
    assert "This is a bug" not in said.err
    assert pages(disk / "home") > 0
    resize(disk, "100m")
    assert start("build", **small).code == 0
    count = start("sql", "select count(*) n, count(distinct track_id) d from tracks", "--json", **small)
    assert count.document == [{"n": ROWS, "d": ROWS}]


@pytest.mark.slow
def test_a_build_that_fills_the_disk_leaves_what_served_before(
    start: Tell, make_disk: MakeDisk, tmp_path: Path
) -> None:
    disk = make_disk("size=100m")
    small = {"TUNELAKE_HOME": str(disk / "home")}
    assert start("collect", "artists", "--name", "Adele", **small).code == 0
    assert start("build", **small).code == 0
    mine = tmp_path / "mine.csv"
    lines = (f"Band {number} {os.urandom(30).hex()},rock" for number in range(3000))
    mine.write_text("artist_name,artist_genres\n" + "\n".join(lines))
    assert start("upload", str(mine), "--as", "artists", **small).code == 0
    used = sum(path.stat().st_blocks * 512 for path in disk.rglob("*") if path.is_file())
    resize(disk, str(used + 300_000))

    said = start("build", "--json", **small)
    assert said.code == 4, said.out
    assert "full" in said.err or "no space left" in said.err.lower()
    assert "This is a bug" not in said.err
    assert start("ask", "Adele", "--offline", "--json", **small).document["kind"] == "card"

    resize(disk, "100m")
    assert start("build", **small).code == 0
    with mine.open() as file:
        name = file.readlines()[1].split(",")[0]
    assert start("ask", name, "--offline", "--json", **small).document["kind"] == "card"


def test_a_result_that_cannot_be_written_is_told() -> None:
    for words in (["sql", "select 1", "--json"], ["sql", "select 1"], ["sandbox", "truth", "--json"]):
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run(
                [sys.executable, "-m", "tunelake", *words],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        assert ended.returncode == 4
        assert ended.stderr == "tunelake: the result cannot be written: No space left on device\n"
