"""What is known of a thing, and when it is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tunelake.collect.entities import LONGEST_AGES, Entity, Sight, due, interval, merged
from tunelake.domain.states import State

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def seen(days: float, digest: str = "a", state: State = State.FETCHED) -> Sight:
    return Sight(kind="artist", id="1", state=state, at=AT + days * DAY, digest=digest, page_id=f"p{days}")


def watched(*digests: str) -> Entity:
    entity = None
    for day, digest in enumerate(digests):
        entity = merged(entity, seen(day, digest))
    assert entity
    return entity


def test_a_change_is_counted_when_the_content_differs() -> None:
    entity = watched("a", "a", "b", "b", "c")
    assert (entity.checks, entity.changes, entity.changed_at) == (5, 2, AT + 4 * DAY)


@pytest.mark.parametrize("state", [State.DEFERRED, State.WANTED])
def test_what_the_source_did_not_say_takes_nothing_away(state: State) -> None:
    entity = merged(watched("a", "b"), seen(9, "", state))
    assert entity.state is state
    assert entity.owed
    assert (entity.checked_at, entity.changes, entity.digest) == (AT + DAY, 1, "b")


def test_an_older_sight_changes_nothing() -> None:
    assert merged(watched("a", "b"), seen(0.5, "z")) == watched("a", "b")


def test_a_list_shorter_than_the_source_says_is_owed() -> None:
    sight = Sight(kind="albums", id="1", state=State.FETCHED, at=AT, total=12, seen=11)
    assert "11 items were seen, but the source states a total of 12" in merged(None, sight).owed


def test_what_changes_often_is_due_sooner() -> None:
    restless, calm = watched(*"abcdefgh"), watched(*"aaaaaaaa")
    assert interval(restless, DAY) == DAY
    assert 5 * DAY < interval(calm, DAY) < 6 * DAY
    forever = merged(calm, seen(10_000))
    assert interval(forever, DAY) == LONGEST_AGES * DAY


def test_the_longest_ago_comes_first_and_the_gone_are_left_in_peace() -> None:
    def entity(name: str, day: float, state: State = State.FETCHED) -> Entity:
        sight = Sight(kind="artist", id=name, state=state, at=AT + day * DAY)
        return merged(None, sight)

    known = [
        entity("new", 9.5),
        entity("b", 2),
        entity("a", 2),
        entity("old", 1),
        entity("gone", 0, State.GONE),
        entity("never", 0, State.NOT_FOUND),
        entity("owed", 9.9, State.DEFERRED),
    ]
    now = AT + 10 * DAY
    assert [one.id for one in due(known, now, DAY)] == ["old", "a", "b", "owed"]
    assert [one.id for one in due(known, now, 9 * DAY, by_change=False)] == ["old", "owed"]
