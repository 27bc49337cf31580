"""What was erased does not come back by a file or a database of a person either."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunelake.bootstrap.rows import read_rows
from tunelake.lake.lake import Lake
from tunelake.lake.pull.run import pull
from tunelake.lake.subjects import suppressed
from tunelake.lake.subjects.subject import Subject
from tunelake.lake.upload.history.run import upload_history
from tunelake.lake.upload.run import upload

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ARTIST = "4tZwfgrHOc3mvqYlEYSvVi"
TRACK = "0DiWol3AO6WpXZgp0goxAV"
_ARTIST = Subject(
    kind="artist",
    asked=ARTIST,
    ids={"artist": {"spotify": [ARTIST]}, "track": {"spotify": [TRACK]}},
    entities=["a0123456789abcdef"],
    names=["Daft Punk"],
)
_USER = Subject(kind="user", asked="eve", source="spotify", ids={"user": {"spotify": ["eve"]}})


class _Clock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def erased(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "home", reader=read_rows)
    for subject in (_ARTIST, _USER):
        suppressed.add(lake.home, subject, NOW)
    return lake


def _database(path: Path, create: str, rows: list[tuple[object, ...]]) -> str:
    with sqlite3.connect(path) as database:
        database.execute(create)
        database.executemany(f"insert into own values ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608
    return f"sqlite:///{path}"


def test_rows_of_a_database_stay_out(erased: Lake, tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        (1, "BTS", "", "adam", "x"),
        (2, "Daft Punk", "", "adam", "x"),
        (3, "daft  PUNK", "", "adam", "x"),
        (4, "BTS", f"see spotify:track:{TRACK}.", "adam", "x"),
        (5, "BTS", "a0123456789abcdef", "adam", "x"),
        (6, "BTS", "a cover of Daft Punk", "adam", "x"),
        (7, None, None, "eve", None),
        (8, None, None, None, "x"),
    ]
    create = "create table own (id integer primary key, artist_name text, note text, user_id text, more text)"
    address = _database(tmp_path / "own.db", create, rows)
    report = pull(erased.home, address, "own", into="own", now=NOW, by="id")
    assert (report.read, report.new, report.dropped) == (8, 3, 5)
    assert sorted(erased.sql("from own").read_all().column("id").to_pylist()) == [1, 6, 8]

    # What comes later is asked, too; and whoever was let in again comes with all of it.
    with sqlite3.connect(tmp_path / "own.db") as database:
        database.execute("insert into own values (9, 'DAFT PUNK', '', '', ''), (10, 'IU', '', '', '')")
    report = pull(erased.home, address, "own", into="own", now=NOW, by="id")
    assert (report.new, report.dropped) == (1, 1)
    assert suppressed.lift(erased.home, ARTIST, ["spotify"])
    report = pull(erased.home, address, "own", into="own", now=NOW, by="id", again=True)
    assert (report.new, report.dropped) == (9, 1)


def test_a_user_is_one_of_a_source(erased: Lake, tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [("spotify", "eve"), ("listenbrainz", "eve"), (None, "eve")]
    address = _database(tmp_path / "own.db", "create table own (source text, user_id text)", rows)
    report = pull(erased.home, address, "own", into="own", now=NOW)
    assert report.dropped == 2
    assert erased.sql("from own").read_all().to_pylist()[0]["source"] == "listenbrainz"


def test_rows_of_a_file_stay_out(erased: Lake, tmp_path: Path) -> None:
    path = tmp_path / "artists.csv"
    path.write_text(f"artist_id,artist\n1,BTS\n2,Daft Punk\n3,DAFT PUNK\n{ARTIST},Other\n", encoding="utf-8")
    upload(path, "artists", landing=erased.landing, clock=_Clock())
    landed = erased.land()
    assert landed.dropped == 3
    assert erased.current("artists").column("name").to_pylist() == ["BTS"]


@pytest.mark.parametrize(("user", "left"), [("adam", ["BTS"]), ("eve", [])])
def test_plays_of_a_file_stay_out(erased: Lake, tmp_path: Path, user: str, left: list[str]) -> None:
    path = tmp_path / "StreamingHistory_music_0.json"
    plays = [
        {"endTime": f"2025-01-01 10:0{n}", "artistName": name, "trackName": "song", "msPlayed": 1000}
        for n, name in enumerate(("BTS", "Daft Punk", "daft punk"))
    ]
    path.write_text(json.dumps(plays), encoding="utf-8")
    upload_history(path, landing=erased.landing, at=NOW, user=user)
    assert erased.land().dropped == 3 - len(left)
    assert erased.current("listens").column("artist_name").to_pylist() == left
