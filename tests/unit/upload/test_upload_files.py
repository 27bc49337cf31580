"""Files of every kind through `upload` into a landing log in memory, and back through the reader."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunelake.domain.pages import Page
from tunelake.errors import ConfigError
from tunelake.lake.upload.facts import made_id
from tunelake.lake.upload.read import is_upload, read_rows
from tunelake.lake.upload.report import UploadReport
from tunelake.lake.upload.run import upload

ARTISTS = "artist_id,name,genres,followers,start,end,dissolved\n"


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 5, 1, 12, tzinfo=UTC)


class Pages(list[Page]):
    """A landing log in memory."""

    def rows(self, table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in self:
            columns = read_rows(page).tables.get(table, {})
            found += [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return found

    def said(self, table: str, *names: str) -> list[tuple[Any, ...]]:
        return [tuple(row[name] for name in names) for row in self.rows(table)]


def put(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def load(path: Path, kind: str, **options: Any) -> tuple[Pages, UploadReport]:
    pages = Pages()
    report = upload(path, kind, landing=pages, clock=Noon(), **options)
    assert report.rows_read == report.rows_taken + report.rows_rejected
    return pages, report


def test_artists_keep_genres_and_nulls_stay_null(tmp_path: Path) -> None:
    file = put(
        tmp_path / "a.csv",
        ARTISTS + 'i1,Björk,"[\'art pop\', ""women\'s music""]",5,1977,_,2001\ni2,LX,[],_,,,\n',
    )
    pages, report = load(file, "artists")
    assert pages.said("artists", "artist_id", "name", "followers", "active_from", "active_to") == [
        ("i1", "Björk", 5, 1977, 2001),
        ("i2", "LX", None, None, None),
    ]
    assert pages.said("artist_genres", "artist_id", "genre", "position") == [
        ("i1", "art pop", 0),
        ("i1", "women's music", 1),
    ]
    assert read_rows(pages[0]).empty_sets == {"artist_genres": [("i2",)]}
    assert report.nulls == {"": 3, "_": 2}
    assert report.mapping["active_to"] == ("end", "dissolved")
    assert pages[0].source == "upload"
    assert pages[0].rights == "owner"
    assert is_upload(pages[0])


def test_genres_one_a_row_are_one_set(tmp_path: Path) -> None:
    pages, report = load(put(tmp_path / "a.csv", "artist,genre\nA,pop\nB,folk\nA,rock\na,pop\n"), "artists")
    a, b = made_id("A"), made_id("B")
    assert pages.said("artist_genres", "artist_id", "genre", "position") == [
        (a, "pop", 0),
        (a, "rock", 1),
        (b, "folk", 0),
    ]
    assert pages.said("artists", "artist_id", "name") == [(a, "A"), (b, "B")]
    assert report.conflicts == 1  # "a" spells "A" otherwise
    assert report.rows_taken == 4


def test_made_ids_are_fixed_for_ever() -> None:
    # The key of everything uploaded without ids: it may never change.
    assert made_id("Sigur Rós") == made_id(" SIGUR  ROS")
    assert made_id("The The") == "upload:a4612139de8f7c3d3304f3"


PLAYLISTS = (
    "track_id,track_name,track_artist,track_album_id,track_album_name,track_album_release_date,"
    "playlist_id,playlist_name,playlist_genre,playlist_subgenre,energy,duration_ms\n"
    "t1,One,A,al1,Al,1997,p1,P,pop,dance pop,0.5,1000\n"
    "t2,NA,NA,al2,NA,1997-05,p2,Q,rock,hard rock,0.25,2000\n"
    "t3,Three,B,al1,Al,1997,p1,P,pop,dance pop,0,1\n"
    "t1,One,A,al1,Al,1997,p1,P,edm,big room,0.5,1000\n"
    "t1,One,A,al1,Al,1997,p2,Q,edm,big room,0.5,1000\n"
)


def test_playlists_with_features(tmp_path: Path) -> None:
    pages, report = load(
        put(tmp_path / "songs.csv", PLAYLISTS), "tracks-features", source="mine", rights="spotify"
    )
    assert report.rows == {
        "albums": 2, "artists": 2, "audio_features": 3, "playlist_item_genres": 5, "playlist_items": 4,
        "playlists": 2, "track_artists": 2, "tracks": 3,
    }  # fmt: skip
    assert pages.said("playlist_items", "playlist_id", "track_id", "position") == [
        ("p1", "t1", 0), ("p1", "t3", 1), ("p2", "t2", 0), ("p2", "t1", 1),
    ]  # fmt: skip
    assert ("p1", "t1", "edm", "big room") in pages.said(
        "playlist_item_genres", "playlist_id", "track_id", "genre", "subgenre"
    )
    assert sorted(pages.said("albums", "album_id", "name", "release_date", "release_date_precision")) == [
        ("al1", "Al", "1997", "year"),
        ("al2", None, "1997-05", "month"),
    ]
    assert sorted(pages.said("tracks", "track_id", "name", "album_id")) == [
        ("t1", "One", "al1"),
        ("t2", None, "al2"),
        ("t3", "Three", "al1"),
    ]
    assert {(page.source, page.rights) for page in pages} == {("mine", "spotify")}


def test_a_playlist_is_never_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunelake.lake.upload.pages.ROWS_A_PAGE", 2)
    pages, _ = load(put(tmp_path / "songs.csv", PLAYLISTS), "tracks-features")
    assert len(pages) == 2
    assert [set(read_rows(page).tables["playlist_items"]["playlist_id"]) for page in pages] == [
        {"p1"},
        {"p2"},
    ]
    assert len({page.page_id for page in pages}) == 2


def test_rejected_rows_are_told_and_kept(tmp_path: Path) -> None:
    file = put(
        tmp_path / "t.csv",
        "track_id,name,popularity,explicit\nx,X,101,true\ny,Y,abc,no\nz,Z\n,W,1,no\nok,O,7,FALSE\n\n",
    )
    pages, report = load(file, "tracks")
    assert (report.rows_read, report.rows_taken, report.rows_rejected) == (5, 1, 4)
    assert [(r.row, r.column, r.value) for r in report.rejected] == [
        (1, "popularity", "101"), (2, "popularity", "abc"), (3, None, None), (4, None, None),
    ]  # fmt: skip
    assert "from 0 to 100" in report.rejected[0].reason
    assert "2 values where the header has 4" in report.rejected[2].reason
    assert pages[-1].endpoint == "upload/rejected"
    rejected = read_rows(pages[-1]).rejected
    assert [r.where for r in rejected] == [
        "row 1, column popularity",
        "row 2, column popularity",
        "row 3",
        "row 4",
    ]
    assert b'"Z"' in pages[-1].body
    assert pages.said("tracks", "track_id", "popularity", "explicit") == [("ok", 7, False)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_csv_as_people_have_it(tmp_path: Path, delimiter: str, encoding: str, *, packed: bool) -> None:
    text = f'"id"{delimiter}name\r\n1{delimiter}"米津; 玄,師\t|"\r\n'.encode(encoding)
    pages, report = load(put(tmp_path / "x", gzip.compress(text) if packed else text), "artists")
    assert pages.said("artists", "artist_id", "name") == [("1", "米津; 玄,師\t|")]
    assert report.format == "csv"


NESTED = {"id": "t", "name": "N", "popularity": 3, "album": {"id": "a", "name": "Al", "release_date": "1981"},
          "artists": [{"id": "x", "name": "X"}, {"id": "y", "name": "Y"}], "explicit": None}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([NESTED]),
        json.dumps([NESTED], indent=2),
        json.dumps(NESTED) + "\n",
        "\ufeff" + json.dumps(NESTED, indent=1),
    ],
)
def test_json_of_the_web_api(tmp_path: Path, text: str) -> None:
    pages, report = load(put(tmp_path / "t.json", text), "tracks")
    assert report.format == "json"
    assert pages.said("track_artists", "track_id", "artist_id", "position") == [("t", "x", 0), ("t", "y", 1)]
    assert pages.said("tracks", "track_id", "album_id", "popularity", "explicit") == [("t", "a", 3, None)]
    assert pages.said("artists", "artist_id", "name") == [("x", "X"), ("y", "Y")]
    assert pages.said("albums", "release_date", "release_date_precision") == [("1981", "year")]


def test_json_lines_larger_than_a_piece(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": str(n), "name": "x" * 9000, "late": n} if n else {"id": "0"}) for n in range(40)
    ]
    pages, report = load(put(tmp_path / "t.jsonl", "\n".join(lines)), "artists")
    assert report.rows_taken == 40
    assert len(pages.rows("artists")) == 40
    assert report.unused == ("late",)


@pytest.mark.parametrize("packed", [False, True])
def test_parquet(tmp_path: Path, *, packed: bool) -> None:
    table = pa.table({
        "id": ["a", "b"], "name": ["A", None], "genres": [["x", "y"], []],
        "followers": pa.array([2**40, None]),
    })  # fmt: skip
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    if packed:
        put(path, gzip.compress(path.read_bytes()))
    pages, report = load(path, "artists")
    assert report.format == "parquet"
    assert pages.said("artists", "artist_id", "name", "followers") == [("a", "A", 2**40), ("b", None, None)]
    assert read_rows(pages[0]).empty_sets == {"artist_genres": [("b",)]}


def test_a_stated_mapping_wins(tmp_path: Path) -> None:
    file = put(tmp_path / "a.csv", "Künstler,artist,who\nA,B,C\n")
    pages, report = load(file, "artists", mapping={"Künstler": "name"})
    assert pages.said("artists", "name") == [("A",)]
    assert report.unused == ("artist", "who")


@pytest.mark.parametrize(
    ("content", "kind", "options", "words"),
    [
        ("", "artists", {}, ["is empty"]),
        (" \n", "artists", {}, ["is empty"]),
        ("name\n", "artists", {}, ["no rows"]),
        ("[]", "artists", {}, ["artist_id or artist_name"]),
        (
            "trak_id,x\n1,2\n",
            "tracks",
            {},
            ["track_id", "Columns found: trak_id, x", "--map 'trak_id=track_id'"],
        ),
        ("name\nA\n", "artists", {"mapping": {"nam": "name"}}, ["no column 'nam'", "nearest: 'name'"]),
        (
            "name\nA\n",
            "artists",
            {"mapping": {"name": "artist_nam"}},
            ["is no field", "nearest: 'artist_name'"],
        ),
        ("name\nA\n", "artist", {}, ["nearest: 'artists'", "tracks-features"]),
        ('[{"id": "a"}, {"id": ]', "artists", {}, ["broken JSON at line 1"]),
        ('{"id": "a"}\n{"id": "b"\n', "artists", {}, ["broken JSON at line 3"]),
        ('[{"id": "a"}', "artists", {}, ["ends inside the list"]),
        (
            gzip.compress(b"name\n" + b"A\n" * 99999, mtime=0)[:-9],
            "artists",
            {},
            ["damaged or incomplete gzip"],
        ),
        (b"name\nBj\xf6rk\n", "artists", {}, ["not UTF-8"]),
        ('name\n"A\nB\nC\n', "artists", {}, ["a quote is opened"]),
        (b"PK\x03\x04....", "artists", {}, ["spreadsheet"]),
        (b"name\n\x00\x01", "artists", {}, ["not text"]),
        (b"PAR1 and then nothing", "artists", {}, ["damaged Parquet"]),
        ("id,energy\na,1\n", "audio-features", {}, ["--source"]),
        ("name\nA\n", "artists", {"source": "spotify"}, ["collects itself"]),
        ("name\nA\n", "artists", {"source": "My Source"}, ["no name for a source"]),
    ],
)
def test_what_cannot_be_used_is_refused_whole(
    tmp_path: Path, content: str | bytes, kind: str, options: dict[str, Any], words: list[str]
) -> None:
    pages = Pages()
    with pytest.raises(ConfigError) as refused:
        upload(put(tmp_path / "f", content), kind, landing=pages, clock=Noon(), **options)
    assert [word for word in words if word not in str(refused.value)] == []
    assert not pages


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "no.csv", "there is no file"), (tmp_path, "is a folder")):
        with pytest.raises(ConfigError, match=words):
            upload(path, "artists", landing=Pages(), clock=Noon())


def test_the_same_file_says_the_same(tmp_path: Path) -> None:
    file = put(tmp_path / "songs.csv", PLAYLISTS)
    first, again = load(file, "tracks-features")[0], load(file, "tracks-features")[0]
    assert first == again


def test_a_page_of_a_later_version_is_rejected_not_raised() -> None:
    at = Noon().now()
    page = Page(page_id="0", source="upload", rights="owner", endpoint="upload/moods", path="/",
                params=(("kind", "moods"),),
                status=200, fetched_at=at, headers={}, body=b"{}\n")  # fmt: skip
    assert "no kind of upload" in read_rows(page).rejected[0].reason
    broken = msgspec.structs.replace(page, params=(("kind", "artists"),), body=b"{\n")
    assert "not a page of an upload" in read_rows(broken).rejected[0].reason
