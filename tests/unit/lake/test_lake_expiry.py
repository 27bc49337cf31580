"""What has expired is in no file any more; what was seen again stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.lake.pages import at, make, read

from tunelake import settings
from tunelake.bootstrap.lakes import retention
from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import Contract, decode, load
from tunelake.lake.lake import Lake
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.landing.records import decode as decode_record
from tunelake.lake.landing.records import head
from tunelake.lake.maintenance.run import MaintainReport, maintain
from tunelake.sources.musicbrainz.rows import CORE, VOTED

DAY = 86_400.0
MONTH = timedelta(days=30)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home", reader=read, expire={"all": MONTH})


def _day(number: float) -> datetime:
    return at(number * DAY)


def _tell(lake: Lake, day: float, *artists: dict[str, Any], table: str = "artists") -> None:
    lake.landing.append(make(day * DAY, {table: list(artists)}))
    lake.land()


def _maintain(lake: Lake, day: float, **more: Any) -> MaintainReport:
    return maintain(lake.home, _day(day), keep=timedelta(), **more)


def _names(lake: Lake) -> list[str]:
    return sorted(lake.history("artists").column("name").to_pylist())


def _content(root: Path) -> Iterator[tuple[Path, bytes]]:
    """Read every file of a home, decoded, and as it is."""
    for path in sorted(one for one in root.rglob("*") if one.is_file()):
        data = path.read_bytes()
        yield path, data
        if path.suffix == ".parquet":
            yield path, str(pq.read_table(path).to_pylist()).encode()
        if path.suffix == ".zst" and data:
            while data:
                length = head(data).length
                yield path, decode_record(data[:length])[1]
                data = data[length:]


def _files_with(lake: Lake, text: str) -> list[str]:
    return [path.name for path, data in _content(lake.home.root) if text.encode() in data]


def test_what_has_expired_is_in_no_file(lake: Lake) -> None:
    _tell(lake, 0, {"artist_id": "a", "name": "Gone Tomorrow"}, {"artist_id": "b", "name": "Seen Again"})
    _tell(lake, 0.1, {"artist_id": "a", "genre": "lost genre", "position": 0}, table="artist_genres")
    _tell(lake, 20, {"artist_id": "b", "name": "Seen Again"})
    lake.write_mart("facts", pa.table({"name": ["Gone Tomorrow"]}))
    assert _files_with(lake, "Gone Tomorrow")
    report = _maintain(lake, 31)
    # The rows, and those of the answers they came from.
    assert report.swept.rows == {"artists": 1, "artist_genres": 1, "raw_pages": 2}
    assert (report.swept.bodies, report.waiting) == (2, [])
    lake.write_mart("facts", pa.table({"name": ["of the next build"]}))
    _maintain(lake, 31)
    assert _files_with(lake, "Gone Tomorrow") == []
    assert _files_with(lake, "lost genre") == []
    assert _names(lake) == ["Seen Again"]
    assert _maintain(lake, 31).swept.rows == {}
    # Nobody saw it since day 20.
    assert _maintain(lake, 51).swept.rows == {"artists": 1, "raw_pages": 1}
    assert _files_with(lake, "Seen Again") == []


def test_each_source_is_kept_as_its_terms_say(tmp_path: Path) -> None:
    """Only those of the Spotify Web API limit how long; a column of its own limits none of them."""
    assert not [one for contract in load().values() for one in contract.columns if one.expires_days]
    expire = retention(settings.load({"TUNELAKE_EXPIRE_DAYS": "10"}))
    lake = Lake(tmp_path / "home", reader=read, expire=expire)
    for rights in ("spotify", CORE, VOTED, "owner"):
        page = make(0, {"artists": [{"artist_id": rights, "name": f"of {rights}"}]})
        lake.landing.append(msgspec.structs.replace(page, rights=rights, page_id=f"page {rights}"))
    lake.land()
    assert _maintain(lake, 9.9).swept.rows == {}
    assert _maintain(lake, 10.1).swept.rows == {"artists": 1, "raw_pages": 1}
    assert _names(lake) == sorted({f"of {rights}" for rights in (CORE, VOTED, "owner")})
    assert _files_with(lake, "of spotify") == []


def test_a_value_of_before_goes_though_its_artist_is_seen_every_day(lake: Lake) -> None:
    for day, name in enumerate(["Old", "Old", "Old", "New", "New", "New"]):
        _tell(lake, day * 10, {"artist_id": "a", "name": name})
    # "Old" was seen on day 20 last, "New" from day 30 on.
    _maintain(lake, 49)
    assert _names(lake) == ["New", "Old"]
    _maintain(lake, 51)
    assert _names(lake) == ["New"]
    _maintain(lake, 79)
    assert _names(lake) == ["New"]
    _maintain(lake, 81)
    assert _names(lake) == []


def test_what_is_seen_again_in_part_keeps_that_part(lake: Lake) -> None:
    _tell(lake, 0, {"artist_id": "a", "name": "A", "followers": 88_001})
    _tell(lake, 20, {"artist_id": "a", "name": "A"})
    assert lake.history("artists").num_rows == 1
    report = _maintain(lake, 31)
    assert (report.swept.rows, report.swept.thinned) == ({"raw_pages": 1}, {"artists": 1})
    assert lake.current("artists").select(["name", "followers"]).to_pylist() == [
        {"name": "A", "followers": None}
    ]
    assert _files_with(lake, "88001") == []
    assert _maintain(lake, 32).swept.tables == set()
    _tell(lake, 40, {"artist_id": "a", "name": "A"})
    assert lake.history("artists").num_rows == 1
    _maintain(lake, 71)
    assert lake.history("artists").num_rows == 0


def test_segments_all_of_which_has_expired_go_as_a_whole(lake: Lake) -> None:
    lake.landing = LandingFiles(lake.home, segment_bytes=1)
    for day in range(3):
        _tell(lake, day, {"artist_id": f"a{day}", "name": f"Name {day}"})
    end = lake.landing.end()
    report = _maintain(lake, 50)
    # The last one tells where the log goes on.
    assert (report.swept.segments, report.swept.bodies) == (2, 1)
    assert len(list(lake.home.landing.iterdir())) == 1
    assert lake.landing.end() == end
    assert _files_with(lake, "Name") == []
    _tell(lake, 60, {"artist_id": "a0", "name": "Back"})
    assert _names(lake) == ["Back"]


def test_old_files_with_expired_rows_wait_for_their_readers(lake: Lake) -> None:
    _tell(lake, 0, {"artist_id": "a", "name": "Read Now"})
    connection = lake.connect()
    report = _maintain(lake, 31, patience=0.0)
    assert report.waiting == ["artists", "raw_pages"]
    assert connection.sql("select name from artists").fetchall() == [("Read Now",)]
    del connection
    # Nothing has expired since, and what waited goes all the same.
    report = _maintain(lake, 31)
    assert (report.swept.rows, report.waiting) == ({}, [])
    assert _files_with(lake, "Read Now") == []


def test_a_check_tells_what_has_expired_and_keeps_it(lake: Lake) -> None:
    _tell(lake, 0, {"artist_id": "a", "name": "A"})
    report = _maintain(lake, 31, check=True)
    assert report.swept.rows == {"artists": 1, "raw_pages": 1}
    assert report.due == ["artists", "raw_pages"]
    assert _names(lake) == ["A"]


@pytest.fixture
def fleeting(monkeypatch: pytest.MonkeyPatch) -> Contract:
    """Let followers expire after a week, and positions of genres too."""
    for table, name in (("artists", "followers"), ("artist_genres", "position")):
        old = load()[table]
        columns = tuple(
            msgspec.structs.replace(one, expires_days=7) if one.name == name else one for one in old.columns
        )
        monkeypatch.setitem(load(), table, msgspec.structs.replace(old, columns=columns))
    return load()["artists"]


@pytest.mark.usefixtures("fleeting")
def test_a_column_may_expire_before_its_row(lake: Lake) -> None:
    _tell(lake, 0, {"artist_id": "a", "name": "A", "followers": 77_001})
    _tell(lake, 0.1, {"artist_id": "b", "name": "B", "followers": 77_002})
    _tell(lake, 0.2, {"artist_id": "a", "genre": "x", "position": 3}, table="artist_genres")
    _tell(lake, 5, {"artist_id": "b", "name": "B", "followers": 77_002})
    report = _maintain(lake, 8)
    assert report.swept.values == {"artists.followers": 1, "artist_genres.position": 1}
    told = lake.current("artists").select(["name", "followers"]).to_pylist()
    assert sorted(map(str, told)) == [
        "{'name': 'A', 'followers': None}",
        "{'name': 'B', 'followers': 77002}",
    ]
    assert lake.current("artist_genres").column("position").to_pylist() == [None]
    assert not [name for name in _files_with(lake, "77001") if name.endswith(".parquet")]
    assert _maintain(lake, 8).swept.values == {}
    # Told again it is news, though the row is as it was.
    _tell(lake, 9, {"artist_id": "a", "name": "A", "followers": 77_001})
    assert 77_001 in lake.current("artists").column("followers").to_pylist()


def test_what_names_a_row_cannot_expire_alone() -> None:
    text = """
table = "t"
meaning = "m"
steward = "s"
unit = "row"
key = ["id"]
columns = [{ name = "id", type = "string", nullable = false, meaning = "m", expires_days = 3 }]
"""
    with pytest.raises(Fatal, match="cannot expire alone"):
        decode(text)
