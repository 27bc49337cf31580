from __future__ import annotations

import errno
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from tests.unit.lake.pages import make

from tunelake.errors import Fatal
from tunelake.lake.home import Home, open_home
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.landing.segments import base_of, name_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def _segments(home: Home) -> list[Path]:
    return sorted(home.landing.iterdir())


def test_pages_come_back_in_order_from_any_position(home: Home) -> None:
    log = LandingFiles(home, segment_bytes=1000)
    pages = [make(n, {"artists": [{"artist_id": str(n)}]}) for n in range(10)]
    for page in pages:
        log.append(page)
    stored = list(LandingFiles(home).pages())
    assert [one.page for one in stored] == pages
    assert len(_segments(home)) > 2
    assert [one.page for one in log.pages(stored[3].end)] == pages[4:]
    assert log.read(stored[5].segment, stored[5].offset, stored[5].length).page == pages[5]
    assert list(log.pages(log.end())) == []


def test_a_segment_is_a_zstd_file_of_the_bodies(home: Home) -> None:
    zstdcat = shutil.which("zstdcat")
    if zstdcat is None:
        pytest.skip("zstdcat is missing")
    log = LandingFiles(home)
    pages = [make(n, {}) for n in range(3)]
    for page in pages:
        log.append(page)
    printed = subprocess.run([zstdcat, str(_segments(home)[0])], capture_output=True, check=True).stdout
    assert printed == b"".join(page.body for page in pages)


def test_threads_and_several_logs_share_one_home(home: Home) -> None:
    logs = [LandingFiles(home, segment_bytes=4000) for _ in range(2)]

    def append(number: int) -> None:
        for n in range(20):
            logs[number % 2].append(make(number, {}, nonce=n))

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [one.page.page_id for one in LandingFiles(home).pages()]
    assert len(found) == len(set(found)) == 160


@pytest.mark.parametrize("left", [1, 30, 60, -1])
def test_a_torn_tail_is_cut_and_kept_aside(home: Home, left: int) -> None:
    log = LandingFiles(home)
    log.append(make(0, {}))
    whole = log.end()
    log.append(make(1, {}))
    segment = _segments(home)[0]
    torn = segment.read_bytes()[: whole + left] if left > 0 else segment.read_bytes()[:left]
    segment.write_bytes(torn)
    opened = LandingFiles(home)
    opened.append(make(2, {}))
    assert [one.page.fetched_at.second for one in opened.pages()] == [0, 2]
    assert [(one.segment, one.offset) for one in opened.repairs] == [(segment.name, whole)]
    kept = Path(opened.repairs[0].kept or "")
    assert kept.read_bytes() == torn[whole:]
    # The bytes of the tail had positions, which no other page gets.
    assert [base_of(path.name) for path in _segments(home)] == [0, len(torn)]
    assert LandingFiles(home).repairs == []


def test_damage_in_the_middle_names_its_place_and_spares_the_others(home: Home) -> None:
    log = LandingFiles(home)
    for n in range(3):
        log.append(make(n, {}))
    first, second, _ = log.pages()
    data = bytearray(_segments(home)[0].read_bytes())
    data[second.offset + second.length - 10] ^= 0xFF
    _segments(home)[0].write_bytes(data)
    opened = LandingFiles(home)
    assert [one.page.fetched_at.second for one in opened.pages()] == [0, 2]
    damage = opened.damages[0]
    assert (damage.segment, damage.offset, damage.length) == (first.segment, second.offset, second.length)
    assert opened.repairs == []
    with pytest.raises(Fatal, match=f"{first.segment} at byte {second.offset}"):
        opened.read(second.segment, second.offset, second.length)


def test_a_full_disk_leaves_nothing_half_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    log = LandingFiles(home)
    log.append(make(0, {}))
    write = os.write

    def full(file: int, data: memoryview) -> int:
        write(file, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.write", full)
        with pytest.raises(Fatal, match=r"No space left on device.*free some space"):
            log.append(make(1, {}))
    assert _segments(home)[0].stat().st_size == log.end()
    assert list(home.torn.iterdir()) == []
    assert [one.page.fetched_at.second for one in LandingFiles(home).pages()] == [0]
    log.append(make(2, {}))
    assert [one.page.fetched_at.second for one in log.pages()] == [0, 2]
    assert log.repairs == []


def test_names_of_segments() -> None:
    assert base_of(name_of(17)) == 17
    assert base_of("readme.txt") is None
    assert base_of("x" * 20 + ".zst") is None
