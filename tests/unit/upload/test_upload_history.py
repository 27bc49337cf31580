"""Exports of a listening history: every row accounted for, each play once, nothing private in the lake."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.upload.exports import account, an_id, extended, write_zip

from tunelake.domain.pages import Page
from tunelake.errors import ConfigError
from tunelake.lake.lake import Lake
from tunelake.lake.upload.history.play import named
from tunelake.lake.upload.history.report import HistoryReport
from tunelake.lake.upload.history.run import KnownPlay, is_history, upload_history
from tunelake.lake.upload.read import read_rows
from tunelake.work.listens import known_plays, upload_listens

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PRIVATE = ("192.0.2.", "Android OS", "user_agent", "ip_addr", "platform")


class Noon:
    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None: ...

    def jitter(self) -> float:
        return 0.5


def load(path: Path, **options: Any) -> tuple[list[Page], HistoryReport]:
    pages: list[Page] = []
    report = upload_history(path, landing=pages, at=NOON, **options)
    for one in report.files:
        assert one.rows == one.taken + one.duplicates + one.rejected
    assert report.rows_read == report.rows_taken + report.rows_duplicate + report.rows_rejected
    assert sum(len(table["track_id"]) for table in listens(pages)) == report.rows_taken
    return pages, report


def listens(pages: list[Page]) -> list[dict[str, list[Any]]]:
    return [table for page in pages if (table := read_rows(page).tables.get("listens"))]


def column(pages: list[Page], name: str) -> list[Any]:
    return [value for table in listens(pages) for value in table[name]]


def put(path: Path, rows: object) -> Path:
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def a_play(**changes: Any) -> dict[str, Any]:
    return next(extended(1)) | changes


def test_a_zip_of_several_arrays_is_taken_whole(tmp_path: Path) -> None:
    files = write_zip(tmp_path / "my.zip", extended(25_000))
    assert files > 1
    pages, report = load(tmp_path / "my.zip")
    assert (report.rows_taken, report.rows_rejected, len(report.files)) == (25_000, 0, files)
    assert report.passed_over == ["my_spotify_data/Identity.json", "my_spotify_data/ReadMeFirst.pdf"]
    assert column(pages, "kind").count("episode") == 500
    assert column(pages, "track_id")[49] == an_id(10**6 + 49)
    assert set(column(pages, "user_id")) == {"me"}
    assert len({page.page_id for page in pages}) == len(pages)


def test_nothing_private_is_landed_unless_wanted(tmp_path: Path) -> None:
    rows = [
        a_play(),
        a_play(ts="never", ip_addr="192.0.2.7"),
        a_play(city="Somewhere", ts="2020-01-01T00:00:00Z"),
    ]
    path = put(tmp_path / "a.json", rows)
    pages, report = load(path)
    landed = b"".join(page.body for page in pages).decode()
    assert not [word for word in (*PRIVATE, "Somewhere") if word in landed]
    assert report.left_out["ip_addr"] == 3
    assert report.left_out["city"] == 1
    kept, _ = load(path, keep_private=True)
    assert "192.0.2.7" in b"".join(page.body for page in kept).decode()
    assert column(kept, "track_id") == column(pages, "track_id")


def test_the_same_play_counts_once_across_files_and_uploads(tmp_path: Path) -> None:
    rows = list(extended(300))
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("Streaming_History_Audio_1.json", json.dumps(rows[:200]))
        archive.writestr("Streaming_History_Audio_2.json", json.dumps([*rows[150:], rows[0]]))
    pages, report = load(tmp_path / "two.zip")
    assert (report.rows_taken, report.rows_duplicate) == (300, 51)
    assert [one.duplicates for one in report.files] == [0, 51]
    plays = zip(*(column(pages, name) for name in ("user_id", "played_at", "track_id")), strict=True)
    known = [KnownPlay(user, at, track, None, "extended") for user, at, track in plays]
    assert load(tmp_path / "two.zip", known=known)[1].rows_duplicate == 351
    others = [one._replace(user="another") for one in known]
    assert load(tmp_path / "two.zip", known=others)[1].rows_taken == 300


def test_account_data_know_plays_to_the_minute_and_by_name(tmp_path: Path) -> None:
    rows = list(extended(200))
    tracks = list(account(iter(rows)))
    late = {"endTime": "2026-01-01 10:00", "artistName": "New", "trackName": "Newer", "msPlayed": 5}
    talk = {"endTime": "2026-01-01 10:05", "podcastName": "The Show", "episodeName": "One", "msPlayed": 5}
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.writestr("StreamingHistory_music_0.json", json.dumps([*tracks, late]))
        archive.writestr("StreamingHistory_podcast_0.json", json.dumps([talk]))
        archive.writestr("Streaming_History_Audio_2014.json", json.dumps(rows))
    pages, report = load(tmp_path / "both.zip")
    assert [one.shape for one in report.files] == ["extended", "account", "account"]
    assert report.rows_taken == 202
    assert report.rows_duplicate == len(tracks)
    assert column(pages, "track_id")[-2:] == [named("New", "Newer"), named("The Show", "One")]
    assert column(pages, "kind")[-2:] == ["track", "episode"]


@pytest.mark.parametrize(
    ("apart_ms", "heard", "known"), [(29_000, 200_000, True), (31_000, 200_000, False), (5, 900, False)]
)
def test_a_polled_play_is_known_though_its_time_is_finer(
    tmp_path: Path, apart_ms: int, heard: int, known: bool
) -> None:
    row = a_play(ms_played=heard, ts="2025-01-01T10:00:00Z")
    track = row["spotify_track_uri"].rpartition(":")[2]
    at = datetime(2025, 1, 1, 10, tzinfo=UTC) + timedelta(milliseconds=apart_ms)
    polled = KnownPlay("me", at, track, None, "poll")
    _, report = load(put(tmp_path / "a.json", [row]), known=[polled])
    assert report.rows_duplicate == known


BAD: list[tuple[Any, str]] = [
    (a_play(ts=None), "expected a time"),
    (a_play(ts="2025-13-01T00:00:00Z"), "expected a time"),
    (a_play(ts=5), "expected a time"),
    (a_play(ms_played=-1), "zero or more"),
    (a_play(ms_played=True), "zero or more"),
    (a_play(ms_played="7"), "zero or more"),
    (a_play(shuffle="maybe"), "true, false or null"),
    (a_play(master_metadata_track_name=["x"]), "expected text"),
    (a_play(spotify_track_uri=None, master_metadata_track_name=None), "what was played"),
    (a_play(reason_end="\ud800"), "lone surrogate"),
    (7, "expected an object"),
    (None, "expected an object"),
]


@pytest.mark.parametrize(("row", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_a_row_that_cannot_be_taken_is_told_and_kept(tmp_path: Path, row: Any, reason: str) -> None:
    pages, report = load(put(tmp_path / "a.json", [a_play(), row]))
    assert (report.rows_taken, report.rows_rejected) == (1, 1)
    (found,) = report.rejected["a.json"]
    assert found.row == 2
    assert reason in found.reason
    rejected = [one for page in pages for one in read_rows(page).rejected]
    assert [one.where.split(",")[0] for one in rejected] == ["row 2"]
    assert dict(pages[-1].params)["user"] == "me"


def test_names_stand_in_for_an_id_and_local_files_are_told(tmp_path: Path) -> None:
    local = a_play(spotify_track_uri="spotify:local:A:B:C:200")
    book = a_play(
        spotify_track_uri=None,
        master_metadata_track_name=None,
        audiobook_chapter_uri=f"spotify:chapter:{an_id(1)}",
        audiobook_chapter_title="One",
        audiobook_title="Book",
    )
    pages, _ = load(put(tmp_path / "a.json", [local, book]))
    assert column(pages, "kind") == ["local", "chapter"]
    assert column(pages, "track_id") == [named("Artist 1", "Song 1"), an_id(1)]


def test_rows_say_whose_they_are_and_the_person_knows_better(tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", [a_play(username="ann"), a_play(username="bob"), a_play()])
    pages, report = load(path, default_user="carol")
    assert report.users == ["ann", "bob", "carol"]
    assert {dict(page.params)["user"] for page in pages} == {"ann", "bob", "carol"}
    assert load(path, user="dan")[1].users == ["dan"]


def cut_zip(path: Path) -> None:
    write_zip(path, extended(2000))
    path.write_bytes(path.read_bytes()[:-4000])


def spoiled_zip(path: Path) -> None:
    write_zip(path, extended(20_000))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def other_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Playlist1.json", '{"playlists": []}')


def broken_json(path: Path) -> None:
    path.write_text(json.dumps([a_play()] * 3)[:-30], encoding="utf-8")


@pytest.mark.parametrize("make", [cut_zip, spoiled_zip, other_zip, broken_json])
def test_a_damaged_export_lands_nothing_and_says_why(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "export"
    make(path)
    pages: list[Page] = []
    with pytest.raises(ConfigError, match=r"damaged|holds no listening history|broken JSON"):
        upload_history(path, landing=pages, at=NOON)
    assert pages == []


def test_other_files_are_no_history(tmp_path: Path) -> None:
    assert not is_history(put(tmp_path / "a.json", [{"track_id": "x"}]))
    (tmp_path / "b.csv").write_text("ts,ms_played\n", encoding="utf-8")
    assert not is_history(tmp_path / "b.csv")
    assert not is_history(put(tmp_path / "c.json", []))


def test_again_is_nothing_new_in_a_real_lake(tmp_path: Path) -> None:
    write_zip(tmp_path / "my.zip", extended(3000))
    lake = Lake(tmp_path / "home", reader=read_rows)
    first = upload_listens(lake, tmp_path / "my.zip", Noon())
    lake.land()
    again = upload_listens(lake, tmp_path / "my.zip", Noon())
    assert (first.rows_taken, again.rows_taken, again.rows_duplicate) == (3000, 0, 3000)
    assert lake.current("listens").num_rows == 3000
    assert sum(1 for _ in known_plays(lake, "spotify", "me")) == 3000
    assert not list(known_plays(lake, "spotify", "you"))
