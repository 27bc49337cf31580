"""The pace where a bucket is thought to be behind the limit."""

from __future__ import annotations

from tunelake.collect.budget.book import Book
from tunelake.collect.budget.learn import Limit
from tunelake.collect.budget.meters import Weighted
from tunelake.collect.budget.pace import MOST_TIMES, Pace


def test_a_pace_that_is_never_refused_grows_to_its_bound_and_stays_there() -> None:
    pace = Pace(low=1, high=1, growing=True)
    speeds = []
    for number in range(20_000):
        pace.spend(number / 100)
        speeds.append(pace.speed)
    assert speeds == sorted(speeds)
    assert speeds[-1] == MOST_TIMES * pace.rate


def test_a_request_beyond_the_cap_of_a_fading_counter_shows_that_it_has_grown() -> None:
    book = Book(grants=[at / 2 for at in range(20)], granted=20)
    counter = Limit(meter=Weighted(seconds=10.0, phase=0.0), cap=20)
    opens = counter.opens(book, 1, 10.0, 0.0)
    assert counter.exceeded(book, opens + 0.1, 1), "it has faded a little until the server decides"
    assert not counter.exceeded(book, opens + 3.0, 1)
