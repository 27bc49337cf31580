"""One suite over every landing log."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import msgspec
import pytest
from tests.servers.s3 import S3
from tests.unit.lake.pages import make, reading

from tunelake.collect.ports import LandingLog, SharedLanding
from tunelake.domain.pages import Page
from tunelake.lake.home import open_home
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.landing.landings import RAW
from tunelake.lake.landing.memory_landing import MemoryLanding
from tunelake.lake.landing.s3_landing import S3Landing
from tunelake.lake.places.s3_place import place_at
from tunelake.settings import load


class Sealed(S3Landing):
    """Every page goes to the bucket at once, and nothing of it is kept here."""

    _one_lands = Lock()

    def append(self, page: Page) -> None:
        super().append(page)
        with self._one_lands:
            self.sealed()
            self.forget(self.end())


KINDS: dict[str, Callable[[Path], LandingLog]] = {
    "memory": lambda _: MemoryLanding(),
    "files": lambda folder: LandingFiles(open_home(folder / "home")),
    # Every page in a segment of its own.
    "short segments": lambda folder: LandingFiles(open_home(folder / "home"), segment_bytes=1),
}


FAR = {"open, far away": S3Landing, "in a bucket": Sealed}


@pytest.fixture(params=[*KINDS, *FAR])
def landing(request: pytest.FixtureRequest, tmp_path: Path) -> LandingLog:
    if request.param in KINDS:
        return KINDS[request.param](tmp_path)
    s3: S3 = request.getfixturevalue("s3")
    far = place_at(f"s3://{s3.new_bucket()}", load(s3.environ).aws, tmp_path / "home")
    return FAR[request.param](open_home(tmp_path / "home", far=far), far / RAW)


def page(number: int) -> Page:
    return make(number, {"artists": [{"artist_id": str(number), "name": "이름"}]}, nonce=number)


def test_a_new_log_is_empty(landing: LandingLog) -> None:
    assert landing.end() == 0
    assert list(landing.pages()) == []


def test_pages_come_back_whole_and_in_order(landing: LandingLog) -> None:
    odd = msgspec.structs.replace(page(1), body=b"", status=304, params=(("a", "1"), ("a", "2")))
    listed = make(2, {}, listing=reading("r", 1, offset=50, whole=False))
    raw = msgspec.structs.replace(page(3), body=bytes(range(256)) * 1000)
    for one in (page(0), odd, listed, raw):
        landing.append(one)
    assert [stored.page for stored in landing.pages()] == [page(0), odd, listed, raw]


def test_a_reader_goes_on_where_the_end_was(landing: LandingLog) -> None:
    ends = []
    for number in range(5):
        ends.append(landing.end())
        landing.append(page(number))
    assert ends == sorted(set(ends))
    for number, end in enumerate(ends):
        assert [stored.page for stored in landing.pages(end)] == [page(n) for n in range(number, 5)]
    assert list(landing.pages(landing.end())) == []


def test_a_page_that_came_twice_is_there_twice(landing: LandingLog) -> None:
    landing.append(page(0))
    landing.append(page(0))
    assert [stored.page for stored in landing.pages()] == [page(0), page(0)]


def test_threads_append_at_once(landing: LandingLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(landing.append, map(page, range(100))))
    found = [stored.page for stored in landing.pages()]
    assert sorted(one.page_id for one in found) == sorted(page(n).page_id for n in range(100))


def test_pages_that_come_together_stand_in_their_order(landing: LandingLog) -> None:
    assert isinstance(landing, SharedLanding)
    landing.append(page(0))
    assert landing.append_all([page(number) for number in range(1, 4)]) == [None, None, None]
    assert [stored.page for stored in landing.pages()] == [page(number) for number in range(4)]
