"""Copies of files that are far away: within a bound, and never taken from under who reads them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tunelake.lake.home import open_home
from tunelake.lake.locks.leases import Lease, held_since
from tunelake.lake.places.file_copies import STATES, Copy, FileCopies, which_go

_DAY = 86_400.0


def test_those_used_longest_ago_go_until_there_is_some_room() -> None:
    copies = [Copy(Path(str(age)), 10, 100.0 - age) for age in range(10)]
    assert which_go(copies, 100, spare_since=1e9) == []
    assert which_go(copies, 95, spare_since=1e9) == [Path("9"), Path("8"), Path("7")]
    assert which_go(copies, 0, spare_since=97.0) == [Path(str(age)) for age in range(9, 3, -1)]
    assert which_go(copies, 0, spare_since=0.0) == []


def _fill(root: Path, name: str, size: int, age: float) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_what_a_lease_may_read_stays_beyond_the_bound(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    root = home.root / "cache"
    copies = FileCopies(
        root, 1000, lambda: held[0].timestamp() if (held := held_since(home)) else time.time()
    )
    old = _fill(root, "tables/a/old", 600, 5 * _DAY)
    lease = Lease(home)
    os.utime(next((home.locks / "leases").iterdir()))
    read = _fill(root, "tables/a/read", 600, 5 * _DAY)
    state = _fill(root, f"tables/a/{STATES}/1/_delta_log/0.json", 600, 5 * _DAY)
    assert copies.touched([read, root / "tables/a/gone"]) == {read}
    copies.added(1)
    assert not old.exists()
    assert read.exists()
    assert state.exists()
    assert copies.bytes() == 1200

    # Another process of the home comes later; the reader is at it for hours.
    later = time.time() + 5 * _DAY
    os.utime(read, (later - 4 * _DAY, later - 4 * _DAY))
    other = FileCopies(root, 100, held_since(home)[0].timestamp)
    other.added(1)
    assert read.exists()
    lease.end()
    assert held_since(home) == []
    os.utime(read, (time.time() - _DAY, time.time() - _DAY))
    FileCopies(root, 100).added(1)
    assert not read.exists()


def test_a_copy_of_what_left_its_table_goes_after_a_day(tmp_path: Path) -> None:
    copies = FileCopies(tmp_path)
    used, gone, fresh = (_fill(tmp_path, f"t/{n}", 1, age) for n, age in enumerate((2 * _DAY, 2 * _DAY, 60)))
    state = _fill(tmp_path, f"t/{STATES}/1/made_of.json", 1, 2 * _DAY)
    copies.sweep(tmp_path / "t", {used})
    assert [path.exists() for path in (used, gone, fresh, state)] == [True, False, True, True]


@pytest.mark.parametrize("most", [None, 10])
def test_a_folder_that_is_not_there_is_empty(tmp_path: Path, most: int | None) -> None:
    copies = FileCopies(tmp_path / "none", most)
    assert copies.touched([tmp_path / "none" / "a"]) == set()
    assert copies.bytes() == 0
