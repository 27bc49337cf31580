from __future__ import annotations

import os
import platform
from pathlib import Path

import msgspec
import pytest
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries decide for themselves")
def test_memory_of_pages_that_were_read_is_the_systems_again() -> None:
    fresh, between = FreshPages(), []
    for number in range(600):
        body = bytes([number % 256]) * 100_000
        page = msgspec.structs.replace(make(number, {}), body=body)
        fresh.add(
            Stored(page=page, size=len(body), body_hash="", segment="", offset=0, length=1, position=number)
        )
        between.append(bytearray(100_000))  # in use, so that free memory lies between
    del page, body
    full = _resident()
    for number in range(600):
        assert fresh.take(number) is not None
    assert full - _resident() > 40 << 20
    assert len(between) == 600


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _name(stored: Stored) -> tuple[int, str]:
    return stored.position, stored.page.page_id
