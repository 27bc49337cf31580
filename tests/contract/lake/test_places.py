"""One suite over every place where a lake can be kept."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from tests.servers.s3 import S3

from tunelake.errors import Fatal
from tunelake.lake.places.folder_place import FolderPlace
from tunelake.lake.places.place import Place
from tunelake.lake.places.s3_place import place_at
from tunelake.settings import load


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return FolderPlace(tmp_path / "a lake") / "part"
    s3: S3 = request.getfixturevalue("s3")
    return place_at(f"s3://{s3.new_bucket()}/a/lake", load(s3.environ).aws, tmp_path) / "part"


def test_files_are_whole_listed_in_order_and_removed(place: Place) -> None:
    assert list(place.files()) == []
    assert place.tables() == []
    place.write("b", b"1")
    place.write("a/x", bytes(1000))
    place.write("b", b"22")
    assert [(file.name, file.size) for file in place.files()] == [("a/x", 1000), ("b", 2)]
    assert (place / "a").read("x") == bytes(1000)
    assert place.read("b") == b"22"
    place.remove("b")
    place.remove("b")
    with pytest.raises(Fatal, match="b"):
        place.read("b")
    place.clear()
    place.clear()
    assert list(place.files()) == []


def test_a_table_is_opened_and_read_where_it_is(place: Place) -> None:
    assert (place / "songs").delta() is None
    for number in range(2):
        target, rows = place / "songs", pa.table({"n": [number]})
        write_deltalake(target.uri, rows, mode="append", storage_options=dict(target.options))
    place.write("other/file", b"no table")
    assert place.tables() == ["songs"]
    table = (place / "songs").delta()
    assert table is not None
    assert table.version() == 1
    files = (place / "songs").local(table.file_uris())
    assert sorted(number for file in files for number in pq.read_table(file).column("n").to_pylist()) == [
        0,
        1,
    ]
    assert (place / "songs").local(table.file_uris()) == files


def test_a_file_of_a_table_that_is_gone_is_told(place: Place) -> None:
    target = place / "songs"
    write_deltalake(target.uri, pa.table({"n": [1]}), storage_options=dict(target.options))
    table = target.delta()
    assert table is not None
    (uri,) = table.file_uris()
    target.remove(uri.rpartition("/")[2])
    with pytest.raises((Fatal, FileNotFoundError)):
        pq.read_table(target.local([uri])[0])
