"""Leases: whoever reads is waited for, whoever died is not."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunelake.errors import Retryable
from tunelake.lake.home import Home, open_home
from tunelake.lake.lake import Lake
from tunelake.lake.locks.leases import Lease, held_since, leased, wait_until_free

_HOLD = """
import sys, time
from pathlib import Path
from tunelake.lake.home import open_home
from tunelake.lake.locks.leases import Lease
lease = Lease(open_home(Path(sys.argv[1])))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def test_a_reader_is_waited_for_until_it_is_done(home: Home) -> None:
    with leased(home):
        assert len(held_since(home)) == 1
        with pytest.raises(Retryable, match="1 readers hold old files"):
            wait_until_free(home, wait_seconds=0.1)
    wait_until_free(home, wait_seconds=0)
    assert held_since(home) == []


def test_who_began_later_is_not_waited_for(home: Home) -> None:
    now = datetime.now(UTC)
    with leased(home):
        wait_until_free(home, now, wait_seconds=0)
        with pytest.raises(Retryable):
            wait_until_free(home, datetime.now(UTC), wait_seconds=0)


def test_leases_tell_since_when_they_are_held(home: Home) -> None:
    first, second = Lease(home), Lease(home)
    one, two = held_since(home)
    assert one <= two <= datetime.now(UTC)
    first.end()
    first.end()
    assert held_since(home) == [two]
    second.end()
    assert held_since(home) == []


def test_a_killed_reader_holds_nothing(home: Home) -> None:
    reader = subprocess.Popen([sys.executable, "-c", _HOLD, str(home.root)], stdout=subprocess.PIPE)
    with reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"held\n"
        with pytest.raises(Retryable):
            wait_until_free(home, wait_seconds=0)
        reader.send_signal(signal.SIGKILL)
        reader.wait(10)
        wait_until_free(home, wait_seconds=0)
    assert list((home.locks / "leases").iterdir()) == []


def test_an_answer_that_is_being_read_keeps_its_files(home: Home) -> None:
    lake = Lake(home.root)
    answer = lake.sql("select * from artists")
    assert len(held_since(home)) == 1
    answer.read_all()
    del answer
    assert held_since(home) == []


def test_a_connection_keeps_the_files_of_its_views_until_nobody_has_it(home: Home) -> None:
    connection = Lake(home.root).connect()
    assert len(held_since(home)) == 1
    connection.close()
    del connection
    assert held_since(home) == []


def test_a_cache_keeps_files_only_while_it_reads_them(home: Home) -> None:
    cache = Lake(home.root).cache()
    cache.refresh("artists")
    assert held_since(home) == []
    cache.close()
