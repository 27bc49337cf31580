"""Tables whose files are damaged or gone: it is told, and they are made anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.journey.bad_input.homes import Tell, pages, rows

Break = Callable[[Path], object]
NAMES = ("BTS", "Adele", "aespa")


@pytest.fixture(scope="module")
def collected(healthy: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of three landings and their marts."""
    home = tmp_path_factory.mktemp("damage") / "home"
    settings = os.environ | {"TUNELAKE_HOME": str(home)} | healthy
    of = ("--with", "albums,top-tracks")
    for words in (*(("collect", "artists", "--name", name, *of) for name in NAMES), ("build",)):
        subprocess.run([sys.executable, "-m", "tunelake", *words], env=settings, timeout=120, check=True)
    return home


@pytest.fixture
def home(collected: Path, tmp_path: Path) -> Path:
    """A copy of it to break."""
    return Path(shutil.copytree(collected, tmp_path / "home"))


def last(folder: Path, pattern: str) -> Path:
    return max(folder.glob(pattern), key=lambda path: (path.stat().st_mtime_ns, path.name))


def no_log(table: Path) -> None:
    last(table, "_delta_log/*.json").write_text("garbage{")


def no_file(table: Path) -> None:
    last(table, "*.parquet").unlink()


BREAKS: dict[str, Break] = {
    "albums": no_file,
    "artists": no_log,
    "album_artists": lambda table: last(table, "*.parquet").write_bytes(b"PAR1half"),
    "top_tracks": lambda table: last(table, "_delta_log/*.json").write_bytes(b""),
    "track_artists": lambda table: last(table, "_delta_log/*.json").unlink(),
    "tracks": shutil.rmtree,
}
"""A way to break a table, by the table that is broken so."""


@pytest.mark.parametrize("table", BREAKS)
def test_a_damaged_table_is_told(tell: Tell, home: Path, table: str) -> None:
    BREAKS[table](home / "tables" / table)
    said = tell("sql", f"select count(*) from {table}")  # noqa: S608  (names of tables)
    assert said.code == 4
    assert table in said.err
    assert "`tunelake replay --repair`" in said.err
    assert len(said.err.splitlines()) == 1, "words for a person, no stack of calls"


def test_damaged_tables_are_made_anew(tell: Tell, home: Path) -> None:
    before, answers = rows(home), pages(home)
    for table, damage in BREAKS.items():
        damage(home / "tables" / table)
    said = tell("build")
    assert said.code == 4
    assert "replay --repair" in said.err
    mended = tell("replay", "--repair", "--json")
    assert mended.code == 0, mended.err
    assert {one["table"] for one in mended.document["damaged"]} == set(BREAKS)
    assert rows(home) == before
    assert pages(home) == answers
    assert tell("replay", "--check").code == 0
    assert tell("replay", "--repair", "--json").document == {"damaged": []}


def test_the_index_of_answers_is_made_anew(tell: Tell, home: Path) -> None:
    before = rows(home)
    no_log(home / "tables" / "raw_pages")
    assert tell("build").code == 4
    assert tell("replay", "--repair").code == 1, "what it had of answers that are gone is not known"
    assert rows(home) == before
    assert tell("replay", "--check").code == 0
    assert tell("sql", "select count(*) as n from raw_pages", "--json").document == [{"n": pages(home)}]


def test_rows_whose_answers_are_gone_are_carried_over_where_they_can_be_read(tell: Tell, home: Path) -> None:
    before = rows(home)
    shutil.rmtree(home / "raw")
    no_log(home / "tables" / "artists")
    said = tell("replay", "--repair")
    assert said.code == 1
    assert "may be lost" in said.out
    assert rows(home) == before


def test_marts_are_made_anew(tell: Tell, home: Path) -> None:
    facts = ("sql", "select * from artist_facts order by all", "--json")
    before = tell(*facts).document
    no_file(home / "marts" / "artist_facts")
    no_log(home / "marts" / "discography")
    assert tell("replay", "--repair").code == 0
    assert tell("build").code == 0
    assert tell(*facts).document == before


def test_a_repair_is_given_alone(tell: Tell, home: Path) -> None:  # noqa: ARG001  (it is the home that is asked)
    assert tell("replay", "--repair", "--check").code == 2
