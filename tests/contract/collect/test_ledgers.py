"""One suite over every ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import msgspec
import pytest

from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.collect.ports import Answered, Candidate, Cooldown, Ledger, Want
from tunelake.domain.states import State
from tunelake.errors import ConfigError

AT = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)
OpenLedger = Callable[[], Ledger]


@pytest.fixture(params=["memory", "sql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    opened: Ledger
    opened = (
        MemoryLedger() if request.param == "memory" else SqlLedger(tmp_path / "control.db", "http://a/v1")
    )
    yield opened
    opened.close()


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


def test_the_last_cooldown_is_kept(ledger: Ledger) -> None:
    assert ledger.cooldown() is None
    ledger.put_cooldown(Cooldown(AT, "first"))
    ledger.put_cooldown(Cooldown(AT + timedelta(hours=20), "second"))
    assert ledger.cooldown() == Cooldown(AT + timedelta(hours=20), "second")


def test_an_sql_ledger_survives_a_restart_and_keeps_servers_apart(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    one = SqlLedger(path, "http://a/v1")
    one.put_cooldown(Cooldown(AT, "limit"))
    one.put_wants([Want(kind="artist", asked="BTS", state=State.WANTED)], AT)
    one.close()
    same, other = SqlLedger(path, "http://a/v1"), SqlLedger(path, "http://b/v1")
    assert same.cooldown() == Cooldown(AT, "limit")
    assert len(list(same.wants("artist"))) == 1
    assert other.cooldown() is None
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
