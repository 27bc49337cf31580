"""Answers that come together share one write, and all hear what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from tests.unit.lake.pages import make

from tunelake.collect.together import Together
from tunelake.domain.pages import Page
from tunelake.errors import Fatal

PAGES = [make(number, {"artists": []}, nonce=number) for number in range(4)]


class Counted:
    """A landing that counts its writes; in trouble none returns."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.writes: list[list[Page]] = []
        self.trouble = trouble

    def append(self, page: Page) -> Page | None:
        return self.append_all([page])[0]

    def append_all(self, pages: Sequence[Page]) -> list[Page | None]:
        if self.trouble:
            raise self.trouble
        self.writes.append(list(pages))
        return [None if page is not PAGES[1] else PAGES[0] for page in pages]


async def each(landing: Counted, *, busy: bool) -> list[Page | BaseException | None]:
    together = Together(landing, lambda: busy)
    return await asyncio.gather(*map(together.append, PAGES), return_exceptions=True)


def test_answers_that_come_at_once_are_one_write_and_each_hears_of_its_own() -> None:
    landing = Counted()
    assert asyncio.run(each(landing, busy=True)) == [None, PAGES[0], None, None]
    assert landing.writes == [PAGES]


def test_an_answer_that_is_alone_does_not_wait() -> None:
    landing = Counted()
    asyncio.run(each(landing, busy=False))
    assert [len(write) for write in landing.writes] == [1, 1, 1, 1]


@pytest.mark.parametrize("trouble", [Fatal("the disk is full"), ValueError("nobody thought of this")])
def test_what_could_not_be_written_is_told_to_all(trouble: Exception) -> None:
    heard = asyncio.run(asyncio.wait_for(each(Counted(trouble), busy=True), 5))
    assert [str(one) for one in heard] == [str(trouble)] * 4


def test_a_write_goes_on_after_one_that_was_cut_off() -> None:
    landing = Counted()
    together = Together(landing, lambda: True)

    async def left() -> None:
        task = asyncio.create_task(together.append(PAGES[0]))
        await asyncio.sleep(0)
        task.cancel()

    async def later() -> Page | None:
        return await asyncio.wait_for(together.append(PAGES[1]), 5)

    asyncio.run(left())
    assert asyncio.run(later()) is PAGES[0]
    assert landing.writes == [PAGES[:2]]


def test_who_is_cancelled_takes_nothing_from_the_others() -> None:
    async def run(landing: Counted) -> None:
        together = Together(landing, lambda: True)
        tasks = [asyncio.create_task(together.append(page)) for page in PAGES]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.gather(*tasks[1:])
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]

    landing = Counted()
    asyncio.run(run(landing))
    assert landing.writes == [PAGES]
