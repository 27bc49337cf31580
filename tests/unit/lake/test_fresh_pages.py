from __future__ import annotations

from pathlib import Path

from tests.unit.lake.pages import make, read

from tunelake.lake.home import open_home
from tunelake.lake.lake import Lake
from tunelake.lake.landing.fresh_pages import FreshPages
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.landing.segments import Stored


def test_pages_kept_in_memory_equal_those_on_the_disk(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    landing = LandingFiles(home, segment_bytes=600)
    for number in range(9):
        landing.append(make(number, {"artists": [{"artist_id": str(number)}]}))
    assert list(landing.pages()) == list(LandingFiles(home).pages())


def test_only_as_much_as_there_is_room_for_is_kept(tmp_path: Path) -> None:
    landing = LandingFiles(open_home(tmp_path / "home"))
    landing.append(make(0, {}))
    landing.append(make(1, {}))
    first, second = landing.pages()
    fresh = FreshPages(most_bytes=first.size)
    fresh.add(first)
    fresh.add(second)
    assert fresh.take(first.position) == first
    assert fresh.take(second.position) is None
    fresh.forget(first.end)
    fresh.add(second)
    assert fresh.take(second.position) == second


def test_pages_of_another_process_are_read_between_ones_own(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    ours, theirs = LandingFiles(home), LandingFiles(home)
    for number in range(6):
        (ours if number % 2 else theirs).append(make(number, {"artists": [{"artist_id": str(number)}]}))
    assert [_name(stored) for stored in ours.pages()] == [_name(stored) for stored in theirs.pages()]


def test_nothing_is_kept_once_it_is_landed(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", reader=read)
    lake.landing.append(make(0, {"artists": [{"artist_id": "a"}]}))
    lake.land()
    (stored,) = lake.landing.pages()
    (lake.home.landing / stored.segment).write_bytes(bytes(stored.length))
    assert not list(lake.landing.pages())


def _name(stored: Stored) -> tuple[int, str]:
    return stored.position, stored.page.page_id
