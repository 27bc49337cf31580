from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.lake.pages import make, read

from tunelake.errors import ConfigError
from tunelake.lake.home import Kind, open_home
from tunelake.lake.lake import Lake


def test_a_new_folder_becomes_a_home_and_opens_again(tmp_path: Path) -> None:
    home = open_home(tmp_path / "a" / "b")
    assert home.landing.is_dir()
    assert (home.root / "home.json").is_file()
    assert open_home(tmp_path / "a" / "b") == home


def test_a_folder_with_other_things_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"thesis\.txt.*TUNELAKE_HOME"):
        open_home(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ("data", "demo", "holds data, which never mixes"),
        ("demo", "data", "holds a demo.s made-up data"),
    ],
)
def test_demo_and_data_do_not_mix(tmp_path: Path, first: Kind, then: Kind, told: str) -> None:
    open_home(tmp_path, first)
    with pytest.raises(ConfigError, match=told):
        open_home(tmp_path, then)


@pytest.mark.parametrize(
    "note", ["", "{}", '{"format": 99, "kind": "data"}', '{"format": 1, "kind": "other"}']
)
def test_a_note_that_is_none_is_refused(tmp_path: Path, note: str) -> None:
    (tmp_path / "home.json").write_text(note)
    with pytest.raises(ConfigError):
        open_home(tmp_path)


def test_a_file_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="file"):
        open_home(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="cannot write"):
        open_home(tmp_path / "home")
    tmp_path.chmod(0o700)


def test_a_place_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot write to /proc"):
        open_home(Path("/proc/tunelake"))


def test_a_home_may_have_any_name_that_tables_can_lie_below(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "내 음악 #1 'n' 50", reader=read)
    lake.landing.append(make(0, {"artists": [{"artist_id": "a", "name": "A"}]}))
    lake.land()
    assert lake.sql("from artists").read_all().num_rows == 1
    for name in ("a[b", "a%20b", "a\nb"):
        with pytest.raises(ConfigError, match="set TUNELAKE_HOME to another folder"):
            open_home(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [lake.home.root.name]
