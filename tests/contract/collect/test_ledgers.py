"""One suite over every ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import msgspec
import pytest

from tunelake.collect.entities import Sight
from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.collect.ports import Answered, Candidate, Ledger, Want
from tunelake.domain.states import State
from tunelake.errors import ConfigError, Retryable

AT = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)
OpenLedger = Callable[[], Ledger]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    opened: Ledger
    if request.param == "memory":
        opened = MemoryLedger()
    elif request.param == "sqlite":
        opened = SqlLedger(tmp_path / "control.db", "http://a/v1")
    else:
        opened = SqlLedger(request.getfixturevalue("postgres").new_database(), "http://a/v1")
    yield opened
    opened.close()


def sight(one: str, **fields: object) -> Sight:
    given = {"kind": "artist", "id": one, "state": State.FETCHED, "at": AT, "page_id": "p", "digest": "d"}
    return msgspec.convert(given | fields, Sight)


def answer(name: str, **fields: object) -> Answered:
    given = {
        "fingerprint": name,
        "endpoint": "artist",
        "path": "/artists/1",
        "status": 200,
        "state": State.FETCHED,
        "page_id": "p",
        "fetched_at": AT,
        "source": "sandbox",
        "rights": "all",
        "gist": b'{"ids":["1"]}',
    }
    return msgspec.convert(given | fields, Answered)


def test_answers_come_back_as_they_were(ledger: Ledger) -> None:
    first, second = answer("f1", etag='"x"', reason="방탄"), answer("f2", state=State.NOT_FOUND)
    ledger.record([first, second])
    assert ledger.answered(["f1", "f2", "f3"]) == {"f1": first, "f2": second}
    assert ledger.answered([]) == {}


def test_a_newer_answer_replaces_the_older(ledger: Ledger) -> None:
    ledger.record([answer("f1")])
    newer = answer("f1", fetched_at=AT + timedelta(days=1), status=404, state=State.NOT_FOUND)
    ledger.record([newer])
    assert ledger.answered(["f1"]) == {"f1": newer}


def test_thousands_of_answers_at_once(ledger: Ledger) -> None:
    names = [f"f{index}" for index in range(2500)]
    ledger.record([answer(name) for name in names])
    assert ledger.answered(names).keys() == set(names)


def test_wants_keep_their_order_and_take_new_states(ledger: Ledger) -> None:
    near = Candidate(artist_id="1", name="B", score=0.5, popularity=3)
    wants = [
        Want(kind="artist", asked="BTS", state=State.WANTED),
        Want(kind="artist", asked="Abba", state=State.AMBIGUOUS, reason="two", candidates=(near,)),
        Want(kind="playlist", asked="BTS", state=State.GONE),
    ]
    ledger.put_wants(wants, AT)
    done = Want(
        kind="artist",
        asked="BTS",
        state=State.FETCHED,
        artist_id="9",
        name="BTS",
        method="id",
        confidence=1.0,
    )
    ledger.put_wants([done], AT + timedelta(hours=1))
    assert list(ledger.wants("artist")) == [done, wants[1]]
    assert list(ledger.wants("playlist")) == [wants[2]]
    assert list(ledger.wants("album")) == []


def test_what_is_wanted_is_noted_once_and_takes_nothing_away(ledger: Ledger) -> None:
    names = [f"name {number}" for number in range(2500)]
    ledger.want("artist", names, AT)
    done = Want(kind="artist", asked="name 7", state=State.FETCHED, artist_id="7")
    ledger.put_wants([done], AT + timedelta(hours=1))
    ledger.want("artist", ["name 7", "another", "name 8"], AT + timedelta(hours=2))
    wants = list(ledger.wants("artist"))
    assert [want.asked for want in wants] == [*names, "another"]
    assert wants[7] == done


def test_what_no_database_can_hold_is_shown_as_a_mark(ledger: Ledger) -> None:
    odd = Want(kind="artist", asked="odd", state=State.NOT_FOUND, reason="\ud800 zero \0 end")
    ledger.put_wants([odd], AT)
    assert [want.reason[-3:] for want in ledger.wants("artist")] == ["end"]


def test_things_come_back_in_the_order_of_their_ids_however_many(ledger: Ledger) -> None:
    ids = [f"{number:05}{letter}" for number in range(800) for letter in "aBé"]
    ledger.see([sight(one) for one in ids])
    assert [one.id for one in ledger.entities("artist")] == sorted(ids)
    assert list(ledger.entities("albums")) == []


def test_those_never_looked_at_come_first_then_those_of_longest_ago(ledger: Ledger) -> None:
    ledger.see(
        [
            sight("new", at=AT + timedelta(days=3)),
            *(sight(f"{number:04}", at=AT + timedelta(seconds=2400 - number)) for number in range(2400)),
            sight("never", state=State.WANTED),
        ]
    )
    told = list(ledger.longest_ago("artist", AT + timedelta(days=1)))
    ids = [one.id for some in told for one in some]
    assert ids == ["never", *(f"{number:04}" for number in reversed(range(2400)))]
    if not isinstance(ledger, MemoryLedger):
        assert max(map(len, told)) <= 1000


def test_what_is_owed_is_what_is_open_or_shorter_than_the_source_says(ledger: Ledger) -> None:
    ledger.see(
        [
            sight("whole", kind="albums", total=2, seen=2),
            sight("short", kind="albums", total=3, seen=2),
            sight("waits", state=State.DEFERRED),
            sight("gone", state=State.GONE, total=3, seen=2),
        ]
    )
    assert [(one.kind, one.id) for one in ledger.owed()] == [("albums", "short"), ("artist", "waits")]


def test_many_tell_one_ledger_at_once(ledger: Ledger) -> None:
    def tell(number: int) -> None:
        ids = [f"{one}" for one in range(200)]
        ledger.see([sight(one) for one in (ids if number % 2 else reversed(ids))])
        ledger.put_wants([Want(kind="artist", asked=one, state=State.FETCHED) for one in ids], AT)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(tell, range(8)))
    assert len(list(ledger.entities("artist"))) == len(list(ledger.wants("artist"))) == 200


def test_a_postgresql_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(Retryable, match="cannot be reached") as told:
        SqlLedger("postgresql://me:hush@127.0.0.1:1/nowhere?password=hush", "http://a/v1")
    assert "hush" not in str(told.value)
    with pytest.raises(ConfigError, match="not mysql"):
        SqlLedger("mysql://me@127.0.0.1/x", "http://a/v1")


def test_an_sql_ledger_survives_a_restart_and_keeps_servers_apart(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    one = SqlLedger(path, "http://a/v1")
    one.put_wants([Want(kind="artist", asked="BTS", state=State.WANTED)], AT)
    one.close()
    same, other = SqlLedger(path, "http://a/v1"), SqlLedger(path, "http://b/v1")
    assert len(list(same.wants("artist"))) == 1
    assert list(other.wants("artist")) == []
    same.close()
    other.close()


@pytest.mark.parametrize(
    "content", [b"this is no database at all " * 50, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_damaged_database_says_which_file_and_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "control.db"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"control\.db.*move it away"):
        SqlLedger(path, "http://a/v1")
    assert path.read_bytes() == content


def test_many_may_open_a_new_ledger_at_once(tmp_path: Path) -> None:
    at_once = 16
    for number in range(5):
        path, together = tmp_path / f"{number}.db", Barrier(at_once)

        def open_it(_: int, path: Path = path, together: Barrier = together) -> int:
            together.wait()
            one = SqlLedger(path, "http://a/v1")
            try:
                return len(list(one.wants("artist")))
            finally:
                one.close()

        with ThreadPoolExecutor(at_once) as threads:
            assert list(threads.map(open_it, range(at_once))) == [0] * at_once
